import './base.css';
import './sidebar.css';
import './frames.css';
