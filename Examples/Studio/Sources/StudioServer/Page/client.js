// The studio's API: requests with the caller's token, the upload, and the stream of events.

const TOKEN_KEY = "studio-token";
const FINAL_STATES = new Set(["done", "failed", "canceled", "unconfirmed"]);
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 30_000;
// The studio sends a comment every 15 s. A stream that is silent for much longer has lost its connection.
const SILENCE = 45_000;
const LONGEST_EVENT = 1 << 20;

/** A failed request. `status` is 0 if the studio did not respond. */
export class StudioError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** Whether a later attempt may succeed without a change by the user. */
  get isTransient() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export const isFinal = (headshot) => FINAL_STATES.has(headshot.state);

export function savedToken() {
  return sessionStorage.getItem(TOKEN_KEY);
}

/** Saves the token for this tab. Header fields cannot contain other characters than these. */
export function saveToken(token) {
  if (!/^[\x21-\x7e]+$/.test(token)) return false;
  sessionStorage.setItem(TOKEN_KEY, token);
  return true;
}

export function forgetToken() {
  sessionStorage.removeItem(TOKEN_KEY);
}

/** Sends a request and returns the response. Throws `StudioError` for every failure except an abort by `signal`. */
export async function send(path, { method = "GET", signal } = {}) {
  let response;
  try {
    response = await fetch(path, { method, signal, headers: authorization(), cache: "no-store", redirect: "error" });
  } catch (error) {
    throw signal?.aborted ? error : noResponse();
  }
  if (!response.ok) throw failure(response.status, await response.text().catch(() => ""));
  return response;
}

export async function getJSON(path, options) {
  const response = await send(path, options);
  try {
    return await response.json();
  } catch (error) {
    throw options?.signal?.aborted ? error : noResponse();
  }
}

export async function getBlob(path, options) {
  const response = await send(path, options);
  try {
    return await response.blob();
  } catch (error) {
    throw options?.signal?.aborted ? error : noResponse();
  }
}

/** Uploads photos and returns the batch. Another attempt with the same key cannot make a second batch. */
export function upload(form, key, signal, onProgress) {
  return new Promise((resolve, reject) => {
    // `fetch` does not report the progress of an upload.
    const request = new XMLHttpRequest();
    request.open("POST", "/api/headshots");
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(noResponse());
    request.onabort = () => reject(new DOMException("The upload was canceled.", "AbortError"));
    request.onload = () => {
      if (request.status < 200 || request.status > 299) return reject(failure(request.status, request.responseText));
      const batch = parsed(request.responseText)?.batch;
      if (batch?.id) resolve(batch);
      else reject(noResponse());
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

/**
 * Reports a batch until all of its headshots are final. Lost connections are restored with increasing delays.
 *
 * `handlers` has the functions `batch(batch)`, `update(headshot)`, and `connection(error)`. The argument of `connection` is `null` after
 * the connection is restored. Throws `StudioError` for a failure that another attempt cannot fix.
 */
export async function follow(id, handlers, signal) {
  const path = `/api/batches/${encodeURIComponent(id)}`;
  let delay = FIRST_DELAY;
  while (!signal.aborted) {
    try {
      const batch = await getJSON(path, { signal });
      handlers.batch(batch);
      const open = new Set(batch.headshots.filter((headshot) => !isFinal(headshot)).map((headshot) => headshot.id));
      if (open.size === 0) return handlers.connection(null);
      await readEvents(`${path}/events`, signal, (headshot) => {
        handlers.connection(null);
        handlers.update(headshot);
        if (isFinal(headshot)) open.delete(headshot.id);
        delay = FIRST_DELAY;
      });
      if (open.size === 0) return handlers.batch(await getJSON(path, { signal }));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof StudioError) || !error.isTransient) throw error;
      handlers.connection(error);
    }
    await pause(delay * (0.75 + Math.random() / 2), signal);
    delay = Math.min(delay * 2, LONGEST_DELAY);
  }
}

/** Ends the delay before the next attempt to connect. */
export function reconnectNow() {
  window.dispatchEvent(new Event("studio-reconnect"));
}

async function readEvents(path, signal, onUpdate) {
  const silence = new AbortController();
  let timer;
  const restart = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE);
  };
  try {
    restart();
    const response = await send(path, { signal: AbortSignal.any([signal, silence.signal]) });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      restart();
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      if (rest.length > LONGEST_EVENT) throw noResponse();
      // Each event has its data on one line.
      for (const line of lines) {
        if (!line.startsWith("data:")) continue;
        const headshot = parsed(line.slice(5));
        if (headshot?.id) onUpdate(headshot);
      }
    }
  } catch (error) {
    throw error instanceof StudioError || signal.aborted ? error : noResponse();
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const done = new AbortController();
    const finish = () => {
      clearTimeout(timer);
      done.abort();
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener("abort", finish, { signal: done.signal });
    for (const event of ["online", "studio-reconnect"]) window.addEventListener(event, finish, { signal: done.signal });
  });
}

function authorization() {
  const token = savedToken();
  return token ? { Authorization: `Bearer ${token}` } : {};
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function noResponse() {
  return new StudioError(0, "no_response", "The studio did not respond. Check your connection, and then try again.");
}

function failure(status, body) {
  const error = parsed(body)?.error;
  const message = typeof error?.message === "string" && error.message ? error.message : fallback(status);
  return new StudioError(status, error?.code ?? "unknown", message);
}

function fallback(status) {
  switch (status) {
    case 401: return "The token is not valid. Sign in with another token.";
    case 402: return "Your team does not have enough credits. Choose fewer photos, or ask the administrator of this studio for credits.";
    case 404: return "This item was not found. It may have been deleted, or it may belong to another team.";
    case 413: return "The upload is too large. Choose fewer or smaller photos.";
    case 415: return "A file is not a photo in a supported format. Choose JPEG, PNG, WebP, or HEIC files.";
    case 429: return "The studio received too many requests. Wait a minute, and then try again.";
    default: return status >= 500
      ? `The studio could not process the request (status ${status}). Try again in a few minutes.`
      : `The studio rejected the request (status ${status}).`;
  }
}
