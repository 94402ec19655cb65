// The card of one headshot: its progress, the photo and the headshot with a slider between them, and its actions.

import { getBlob, isFinal } from "/client.js";
import { count } from "/notices.js";

const STATES = {
  queued: "Waiting",
  uploading: "Sending the photo",
  creating: "Starting",
  waiting: "Making the headshot",
  downloading: "Saving the headshot",
  done: "Done",
  failed: "Failed",
  unconfirmed: "Not confirmed",
  canceled: "Canceled",
};

// The failures that another photo may avoid.
const PHOTO_FAILURES = new Set(["no_face", "multiple_faces", "invalid_photo", "rejected", "failed"]);

export class Card {
  /** `actions` has the functions `download(card)`, `remove(card)`, `check(card)`, `replace()`, and `repeat(card)`. */
  constructor(headshot, actions) {
    this.element = document.getElementById("card-template").content.firstElementChild.cloneNode(true);
    this.part = (name) => this.element.querySelector(`.${name}`);
    this.closed = new AbortController();
    this.images = {};
    this.part("compare").addEventListener("input", () => this.#showSplit());
    this.part("compare").addEventListener("pointerdown", () => this.element.classList.remove("is-revealing"));
    this.part("card-download").addEventListener("click", () => actions.download(this));
    this.part("card-remove").addEventListener("click", () => actions.remove(this));
    this.part("card-retry").addEventListener("click", () => {
      if (this.headshot.state === "unconfirmed") actions.check(this);
      else if (this.#needsOtherPhoto) actions.replace();
      else actions.repeat(this);
    });
    this.update(headshot);
  }

  /** Returns a text about the change, or `null` if the change needs no announcement. */
  update(headshot) {
    const before = this.headshot;
    this.headshot = headshot;
    const { name, state, error } = headshot;
    const percent = Math.round(this.fraction * 100);
    this.element.dataset.state = isFinal(headshot) ? state : "running";
    this.part("card-name").textContent = name;
    this.part("card-name").title = name;
    this.part("placeholder").textContent = [...name][0]?.toUpperCase() ?? "?";
    this.part("card-state").textContent = this.#stateText(percent);

    const bar = this.part("card-bar");
    bar.hidden = isFinal(headshot);
    bar.value = this.fraction;
    bar.setAttribute("aria-label", `Progress of ${name}`);

    const problem = (state !== "done" && error?.message) || "";
    this.part("card-error").textContent = problem;
    this.part("card-error").hidden = !problem;

    this.#showActions();
    this.#show("before", headshot.photo, `Photo ${name}`);
    if (state === "done") this.#show("after", headshot.file, `Headshot of ${name}`);
    if (!before || before.state === state || !isFinal(headshot)) return null;
    return `${name}: ${STATES[state]}. ${problem}`;
  }

  get #needsOtherPhoto() {
    return PHOTO_FAILURES.has(this.headshot.error?.code);
  }

  get fraction() {
    const fraction = Number(this.headshot.fraction);
    return Math.min(1, Math.max(0, isFinal(this.headshot) ? 1 : fraction || 0));
  }

  close() {
    this.closed.abort();
    for (const { url } of Object.values(this.images)) if (url) URL.revokeObjectURL(url);
    this.element.remove();
  }

  #stateText(percent) {
    const { state, credits } = this.headshot;
    const text = STATES[state] ?? state;
    if (!isFinal(this.headshot)) return state === "queued" ? text : `${text}, ${percent}%`;
    if (state === "done" && credits > 0) return `${text}, ${count(credits, "credit")}`;
    if (state === "failed" && !credits) return `${text}, not charged`;
    return text;
  }

  #showActions() {
    const { name, state } = this.headshot;
    const show = (part, text, visible) => {
      const button = this.part(part);
      button.textContent = text;
      button.hidden = !visible;
      button.setAttribute("aria-label", `${text}: ${name}`);
    };
    show("card-download", "Download", state === "done");
    const retry = state === "unconfirmed" ? "Check again" : this.#needsOtherPhoto ? "Choose another photo" : "Try again";
    show("card-retry", retry, state === "unconfirmed" || state === "failed");
    show("card-remove", state === "queued" ? "Cancel" : "Delete", state === "queued" || (isFinal(this.headshot) && state !== "unconfirmed"));
  }

  async #show(kind, path, description) {
    if (!path || this.images[kind]?.path === path) return;
    const entry = (this.images[kind] = { path });
    const image = this.part(kind);
    try {
      const blob = await getBlob(path, { signal: this.closed.signal });
      if (this.closed.signal.aborted) return;
      entry.url = URL.createObjectURL(blob);
      image.src = entry.url;
      image.alt = description;
      // Browsers cannot show every format that the service accepts, for example HEIC.
      await image.decode();
      image.hidden = false;
      this.#showSlider();
    } catch {
      // The placeholder stays. A later update tries again if the request failed.
      if (!entry.url) delete this.images[kind];
    }
  }

  #showSlider() {
    const isComplete = !this.part("before").hidden && !this.part("after").hidden;
    const compare = this.part("compare");
    if (!isComplete || !compare.hidden) return;
    for (const part of ["compare", "divider", "tag-before", "tag-after"]) this.part(part).hidden = false;
    compare.setAttribute("aria-label", `Before and after: ${this.headshot.name}`);
    this.element.style.setProperty("--split", "100%");
    // The browser has to draw the photo before the transition to the headshot starts.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        this.element.classList.add("is-revealing");
        this.#showSplit();
        setTimeout(() => this.element.classList.remove("is-revealing"), 1000);
      })
    );
  }

  #showSplit() {
    const compare = this.part("compare");
    const value = compare.valueAsNumber;
    this.element.style.setProperty("--split", `${value}%`);
    compare.setAttribute("aria-valuetext", `${value}% photo, ${100 - value}% headshot`);
    this.part("tag-before").classList.toggle("is-covered", value < 24);
    this.part("tag-after").classList.toggle("is-covered", value > 76);
  }
}
