import './base.css';
import './sidebar.css';
import './live.css';
import './away.css';
import './tour.css';
import './frames.css';
import './narrow.css';
