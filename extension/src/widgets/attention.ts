/** Tells the models when the browser hides the page, and when it is back. */

import { attention } from '../model/attention';

export function followAttention(): void {
  const look = () => {
    attention.here = document.visibilityState === 'visible';
  };
  document.addEventListener('visibilitychange', look);
  look();
}
