// The page: signing in, the account, and the view of a batch. The fragment of the URL names the batch, so a reload shows it again.

import { Card } from "/card.js";
import { follow, forgetToken, getBlob, getJSON, isFinal, reconnectNow, saveToken, savedToken, send, StudioError } from "/client.js";
import { Composer } from "/composer.js";
import { announce, count, element, hideNotice, showConnection, showNotice } from "/notices.js";

const FINAL_TEXTS = { done: "done", failed: "failed", canceled: "canceled", unconfirmed: "not confirmed" };
const LAST_BATCH_KEY = "studio-batch";

const composer = new Composer({ open: openBatch, report: showProblem });
const cards = new Map();
let view = "";
let following = new AbortController();

// MARK: The fragment

function fragment() {
  // A token may contain a plus sign, which URLSearchParams reads as a space.
  return new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
}

/** Saves the token of the link, and removes it from the URL and from the history. */
function takeToken() {
  const parameters = fragment();
  const token = parameters.get("token");
  if (token === null) return;
  if (!saveToken(token)) showProblem(new StudioError(401, "unauthorized", "The link contains an invalid token. Sign in with another token."));
  parameters.delete("token");
  history.replaceState(null, "", `#${parameters}`);
}

function openBatch(batch) {
  location.hash = batchLink(batch.id);
}

function batchLink(id) {
  return `#batch=${encodeURIComponent(id)}`;
}

function showLocation() {
  hideNotice();
  takeToken();
  following.abort();
  following = new AbortController();
  showConnection(null);
  for (const card of cards.values()) card.close();
  cards.clear();
  const batch = fragment().get("batch");
  if (!savedToken()) show("signin");
  else if (batch) showBatch(batch);
  else showComposer();
}

function show(name) {
  const isChange = view !== "" && view !== name;
  view = name;
  for (const id of ["signin", "compose", "batch"]) element(id).hidden = id !== name;
  const title = element(`${name}-title`);
  document.title = `${title.textContent} – Studio`;
  // A screen reader announces the new view, and the next Tab starts in it.
  if (isChange) title.focus();
}

// MARK: Views

async function showComposer() {
  const last = sessionStorage.getItem(LAST_BATCH_KEY);
  element("last").hidden = !last;
  element("last").href = batchLink(last);
  show("compose");
  try {
    const [{ styles }] = await Promise.all([getJSON("/api/styles"), showAccount()]);
    composer.showStyles(styles);
  } catch (error) {
    showProblem(error, "Try again", showLocation);
  }
}

async function showBatch(id) {
  element("batch-title").textContent = "Headshots";
  element("batch-text").textContent = "Loading…";
  element("batch-bar").value = 0;
  element("download-all").hidden = true;
  show("batch");
  const { signal } = following;
  showAccount().catch(() => {});
  try {
    await follow(id, { batch: showHeadshots, update: showHeadshot, connection: showConnection }, signal);
  } catch (error) {
    if (signal.aborted) return;
    element("batch-text").textContent = "";
    element("batch-bar").hidden = true;
    if (error.status === 404) sessionStorage.removeItem(LAST_BATCH_KEY);
    showProblem(error, error.status === 404 ? "Make new headshots" : "Try again", () => {
      if (error.status === 404) location.hash = "";
      else showLocation();
    });
  }
}

function showHeadshots(batch) {
  sessionStorage.setItem(LAST_BATCH_KEY, batch.id);
  const ids = new Set(batch.headshots.map((headshot) => headshot.id));
  for (const [id, card] of cards) if (!ids.has(id)) removeCard(id, card);
  for (const headshot of batch.headshots) showHeadshot(headshot);
  showTotals();
}

function showHeadshot(headshot) {
  let card = cards.get(headshot.id);
  if (card) {
    const change = card.update(headshot);
    if (change) {
      announce(change);
      if ([...cards.values()].every((card) => isFinal(card.headshot))) announce(`All headshots are finished. ${summary()}`);
      showAccount().catch(() => {});
    }
  } else {
    card = new Card(headshot, { download: downloadOne, remove: removeOne, check: checkOne, repeat: repeatOne, replace: chooseOther });
    cards.set(headshot.id, card);
    element("cards").append(card.element);
  }
  showTotals();
}

function removeCard(id, card) {
  card.close();
  cards.delete(id);
}

function showTotals() {
  const total = cards.size;
  const final = headshots().filter(isFinal).length;
  element("batch-title").textContent = total ? count(total, "headshot") : "No headshots";
  element("batch-text").textContent = summary();
  element("batch-bar").value = total ? [...cards.values()].reduce((sum, card) => sum + card.fraction, 0) / total : 1;
  element("batch-bar").hidden = final === total;
  element("download-all").hidden = headshots().filter(({ state }) => state === "done").length < 2;
  document.title = `${final} of ${total} finished – Studio`;
}

function summary() {
  const all = headshots();
  const final = all.filter(isFinal);
  if (all.length === 0) return "All headshots of this batch were deleted.";
  if (final.length < all.length) {
    return `${final.length} of ${all.length} finished. You can close this page. Open the same URL later to see your headshots.`;
  }
  const numbers = Object.entries(FINAL_TEXTS)
    .map(([state, text]) => [all.filter((headshot) => headshot.state === state).length, text])
    .filter(([number]) => number > 0)
    .map(([number, text]) => `${number} ${text}`);
  const credits = all.reduce((sum, headshot) => sum + (headshot.state === "unconfirmed" ? 0 : headshot.credits || 0), 0);
  return `${numbers.join(", ")}. ${credits ? `${count(credits, "credit")} charged.` : "Nothing was charged."}`;
}

function headshots() {
  return [...cards.values()].map((card) => card.headshot);
}

// MARK: Actions

async function downloadOne(card) {
  const { name, file } = card.headshot;
  await download(card.part("card-download"), file, `${name.replace(/\.[^.]*$/, "")}-headshot`);
}

async function download(button, path, name) {
  const text = button.textContent;
  button.disabled = true;
  button.textContent = "Downloading…";
  try {
    const blob = await getBlob(path, { signal: following.signal });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${name}${extension(blob.type)}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    announce(`Downloaded ${link.download}.`);
  } catch (error) {
    showProblem(error);
  }
  button.disabled = false;
  button.textContent = text;
}

function extension(type) {
  const extensions = { "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "application/zip": ".zip" };
  return extensions[type.split(";")[0]] ?? "";
}

function removeOne(card) {
  if (card.headshot.state === "queued") return remove(card);
  element("confirm-text").textContent = `The studio deletes the photo and the headshot of ${card.headshot.name}. You cannot undo this.`;
  // The event `close` of an earlier dialog can arrive after this dialog opens.
  element("confirm-form").onsubmit = (event) => {
    if (event.submitter.value === "delete") remove(card);
  };
  element("confirm").showModal();
}

async function remove(card) {
  const { id, name, state } = card.headshot;
  try {
    await send(`/api/headshots/${encodeURIComponent(id)}`, { method: "DELETE" });
    // The studio keeps a canceled headshot, and its stream reports the new state.
    if (state === "queued") return;
    removeCard(id, card);
    showTotals();
    announce(`Deleted ${name}.`);
    element("batch-title").focus();
  } catch (error) {
    showProblem(error);
  }
}

function chooseOther() {
  location.hash = "";
  composer.choose();
}

async function repeatOne({ headshot: { name, photo } }) {
  try {
    composer.add([new File([await getBlob(photo, { signal: following.signal })], name)]);
    location.hash = "";
  } catch (error) {
    showProblem(error);
  }
}

async function checkOne(card) {
  try {
    showHeadshot(await getJSON(`/api/headshots/${encodeURIComponent(card.headshot.id)}`));
    announce(`${card.headshot.name}: ${card.part("card-state").textContent}`);
  } catch (error) {
    showProblem(error);
  }
}

// MARK: Account and errors

async function showAccount() {
  const { name, credits, price, limits } = await getJSON("/api/me");
  const left = Math.max(0, credits.budget - credits.spent - credits.reserved);
  element("account-name").textContent = name;
  element("credits").textContent = `${count(left, "credit")} left`;
  element("credits").classList.toggle("is-empty", left === 0);
  element("account").hidden = false;
  composer.showAccount({ left, price, limits });
}

function showProblem(error, action, perform) {
  if (error?.name === "AbortError") return;
  if (!(error instanceof StudioError)) console.error(error);
  if (error.status === 401) {
    forgetToken();
    element("account").hidden = true;
    following.abort();
    show("signin");
    action = undefined;
  }
  showNotice(error instanceof StudioError ? error.message : "Something went wrong on this page. Reload the page.", action, perform);
}

// MARK: Start

element("signin-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = element("token").value.trim();
  element("token").value = "";
  if (saveToken(token)) showLocation();
  else showProblem(new StudioError(401, "unauthorized", "A token contains only letters, digits, and punctuation. Copy the token again."));
});
element("problem-close").addEventListener("click", () => {
  hideNotice();
  element("main").focus();
});
element("reconnect").addEventListener("click", reconnectNow);
element("download-all").addEventListener("click", () => {
  const id = fragment().get("batch");
  download(element("download-all"), `/api/batches/${encodeURIComponent(id)}/file`, "headshots");
});
// The link does not change the fragment, which names the batch.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  element("main").focus();
});
window.addEventListener("hashchange", showLocation);
showLocation();
