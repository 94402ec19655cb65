// The messages of the page: errors, the state of the connection, and announcements for screen readers.

let announcements = [];

export const element = (id) => document.getElementById(id);
export const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

/** Shows an error, and a button for what the user can do about it. */
export function showNotice(text, action, perform) {
  element("problem-text").textContent = text;
  element("problem-action").hidden = !action;
  element("problem-action").textContent = action ?? "";
  element("problem-action").onclick = () => {
    hideNotice();
    perform();
  };
  element("problem").hidden = false;
}

export function hideNotice() {
  element("problem").hidden = true;
}

export function showConnection(error) {
  const isLost = error !== null;
  const text = navigator.onLine
    ? "The connection to the studio was lost. Your headshots are still being made, and this page reconnects automatically."
    : "You are offline. Your headshots are still being made, and this page reconnects when you are back online.";
  if (isLost) element("connection-text").textContent = text;
  element("connection").hidden = !isLost;
}

/** Announces a text. Joins texts that arrive together, because a live region drops a text that is replaced immediately. */
export function announce(text) {
  announcements.push(text);
  if (announcements.length > 1) return;
  setTimeout(() => {
    element("live").textContent = announcements.join(" ");
    announcements = [];
  }, 300);
}
