// The form: adding photos, choosing a style, and the upload.

import { upload } from "/client.js";
import { announce, count, element } from "/notices.js";

const PHOTO_TYPES = new Set(["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"]);
const OWN_STYLE = "";

export class Composer {
  /** `page` has the functions `open(batch)` and `report(error)`. */
  constructor(page) {
    this.page = page;
    this.photos = [];
    this.key = null;
    this.sending = null;
    // The defaults, until the studio sends its own limits.
    this.account = { left: Infinity, price: 0, limits: { photos: 20, bytes: 10 << 20 } };
    element("files").addEventListener("change", () => {
      this.add([...element("files").files]);
      // The same file can be chosen again after its removal.
      element("files").value = "";
    });
    element("styles").addEventListener("change", () => this.#changed());
    element("prompt").addEventListener("input", () => (this.key = null));
    element("stop").addEventListener("click", () => this.sending?.abort());
    element("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.sending) event.preventDefault();
    });
    this.#acceptDrops();
  }

  showStyles(styles) {
    const chosen = this.#style();
    element("styles").querySelectorAll(".style").forEach((style) => style.remove());
    const all = [...styles, { id: OWN_STYLE, name: "Your own", prompt: "Describe the clothes, the light, and the background." }];
    for (const { id, name, prompt } of all) {
      const style = element("style-template").content.firstElementChild.cloneNode(true);
      const input = style.querySelector("input");
      input.value = id;
      input.checked = id === (chosen ?? all[0].id);
      style.querySelector(".style-name").textContent = name;
      style.querySelector(".style-text").textContent = prompt ?? "";
      element("styles").append(style);
    }
    this.#changed();
  }

  /** Shows what the caller may do. `account` has the credits that are left, the price of a headshot, and the limits of an upload. */
  showAccount(account) {
    this.account = account;
    const { photos, bytes } = account.limits;
    element("files-hint").textContent = `JPEG, PNG, WebP, or HEIC. Up to ${photos} photos of at most ${bytes >> 20} MB each.`;
    this.#showForm();
  }

  /** Opens the file dialog. */
  choose() {
    element("files").click();
  }

  // MARK: Photos

  #acceptDrops() {
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    const isOpen = () => !element("compose").hidden && !this.sending;
    // The browser sends `dragenter` and `dragleave` for every element below the pointer.
    let depth = 0;
    const highlight = (change) => {
      depth = Math.max(0, depth + change);
      element("drop").classList.toggle("is-over", depth > 0 && isOpen());
    };
    window.addEventListener("dragenter", (event) => hasFiles(event) && highlight(1));
    window.addEventListener("dragleave", (event) => hasFiles(event) && highlight(-1));
    window.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      // Without this call, the browser opens the file instead of the page.
      event.preventDefault();
      event.dataTransfer.dropEffect = isOpen() ? "copy" : "none";
    });
    window.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      highlight(-depth);
      if (isOpen()) this.add([...event.dataTransfer.files]);
    });
  }

  add(files) {
    const problems = [];
    let added = 0;
    for (const file of files) {
      const problem = this.#problem(file);
      if (problem) problems.push(problem);
      else if (!this.#has(file)) {
        this.#append(file);
        added += 1;
      }
    }
    this.#showError(problems.slice(0, 3).join(" ") + (problems.length > 3 ? ` ${count(problems.length - 3, "more file")} not added.` : ""));
    if (added) announce(`Added ${count(added, "photo")}. ${count(this.photos.length, "photo")} in total.`);
    this.#changed();
  }

  #problem(file) {
    const isPhoto = PHOTO_TYPES.has(file.type) || /\.(jpe?g|png|webp|heic|heif)$/i.test(file.name);
    if (!isPhoto) return `${file.name} is not a photo. Choose JPEG, PNG, WebP, or HEIC files.`;
    if (file.size === 0) return `${file.name} is empty. Choose another photo.`;
    const { photos, bytes } = this.account.limits;
    if (file.size > bytes) {
      return `${file.name} is too large (${(file.size / (1 << 20)).toFixed(1)} MB). Choose a photo of at most ${bytes >> 20} MB.`;
    }
    if (this.photos.length >= photos) return `${file.name} was not added. You can make at most ${photos} headshots at once.`;
    return null;
  }

  #has({ name, size, lastModified }) {
    return this.photos.some(({ file }) => file.name === name && file.size === size && file.lastModified === lastModified);
  }

  #append(file) {
    const thumb = element("thumb-template").content.firstElementChild.cloneNode(true);
    const photo = { file, thumb, url: URL.createObjectURL(file) };
    const image = thumb.querySelector("img");
    image.addEventListener("error", () => {
      image.hidden = true;
      thumb.querySelector(".placeholder").hidden = false;
    });
    image.src = photo.url;
    thumb.querySelector(".placeholder").textContent = "No preview";
    thumb.querySelector(".thumb-name").textContent = file.name;
    thumb.querySelector(".thumb-name").title = file.name;
    const remove = thumb.querySelector("button");
    remove.setAttribute("aria-label", `Remove ${file.name}`);
    remove.addEventListener("click", () => {
      const index = this.photos.indexOf(photo);
      this.#remove(photo);
      this.#showError("");
      const next = this.photos[Math.min(index, this.photos.length - 1)];
      (next?.thumb.querySelector("button") ?? element("files")).focus();
      announce(`Removed ${file.name}.`);
    });
    element("thumbs").append(thumb);
    this.photos.push(photo);
  }

  #remove(photo) {
    URL.revokeObjectURL(photo.url);
    photo.thumb.remove();
    this.photos = this.photos.filter((other) => other !== photo);
    this.#changed();
  }

  // MARK: Upload

  #style() {
    return element("form").elements.style?.value;
  }

  /** Forgets the key, because a changed form is another batch. */
  #changed() {
    this.key = null;
    this.#showForm();
  }

  #showForm() {
    const isOwn = this.#style() === OWN_STYLE;
    element("own").hidden = !isOwn;
    element("prompt").required = isOwn;
    element("drop").classList.toggle("is-compact", this.photos.length > 0);
    element("submit").textContent = this.photos.length ? `Make ${count(this.photos.length, "headshot")}` : "Make headshots";
    this.#showCost();
  }

  #showCost() {
    const { left, price } = this.account;
    const number = Math.max(1, this.photos.length);
    const cost = number * price;
    const isAffordable = cost <= left;
    const verb = number === 1 ? "costs" : "cost";
    const sum = `${count(number, "headshot")} ${verb} ${count(cost, "credit")}`;
    const step = price <= left ? "Remove photos, or ask" : "Ask";
    element("submit").disabled = !isAffordable;
    element("cost").textContent = isAffordable
      ? `${sum}.`
      : `${sum}, and your team has ${left.toLocaleString("en")} left. ${step} the administrator of this studio for credits.`;
    element("cost").hidden = price === 0;
    element("cost").classList.toggle("inline-error", !isAffordable);
  }

  async #send() {
    if (this.sending) return;
    if (this.photos.length === 0) {
      this.#showError("Add at least one photo.");
      element("files").focus();
      return;
    }
    const form = new FormData();
    for (const { file } of this.photos) form.append("photo", file, file.name);
    if (this.#style() === OWN_STYLE) form.append("prompt", element("prompt").value);
    else form.append("style", this.#style());
    this.key ??= randomKey();
    this.sending = new AbortController();
    this.#showSending(0);
    element("stop").focus();
    try {
      const batch = await upload(form, this.key, this.sending.signal, (fraction) => this.#showSending(fraction));
      [...this.photos].forEach((photo) => this.#remove(photo));
      this.sending = null;
      this.page.open(batch);
    } catch (error) {
      if (error.name === "AbortError") announce("The upload was canceled.");
      else this.page.report(error);
    }
    this.sending = null;
    this.#showSending(null);
    if (this.photos.length) element("submit").focus();
  }

  #showSending(fraction) {
    const isSending = fraction !== null;
    element("ready").hidden = isSending;
    element("sending").hidden = !isSending;
    for (const control of element("form").querySelectorAll("input, textarea, .thumb-remove")) control.disabled = isSending;
    element("form").classList.toggle("is-sending", isSending);
    if (!isSending) return;
    element("sending-bar").value = fraction;
    element("sending-text").textContent = fraction < 1 ? `Uploading ${count(this.photos.length, "photo")}…` : "Checking the photos…";
  }

  #showError(text) {
    element("photos-error").textContent = text;
    element("photos-error").hidden = !text;
  }
}

function randomKey() {
  // `crypto.randomUUID` is missing on pages that are served over plain HTTP by another machine.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
