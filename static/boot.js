// Starts the program, or says why it cannot start: each cause has its own message and its own next step.
// The build writes the addresses of the program's files into this script's element.

const script = document.querySelector("script[data-wasm]");
const address = (name) => new URL(script.dataset[name], document.baseURI).href;

/** A start-up failure: `cause` names it for tests and reports, `text` is for the reader. */
class StartError extends Error {
  constructor(cause, text, detail) {
    super(`${cause}: ${detail}`);
    this.cause = cause;
    this.text = text;
  }
}

const noWebAssembly = () =>
  new StartError(
    "no-webassembly",
    "This browser does not run WebAssembly, or it is switched off here (strict security and lockdown modes do that). Allow it for this page, or open the page in a current Firefox, Chrome, Edge or Safari.",
    "WebAssembly is not defined",
  );

const notDownloaded = (detail) =>
  new StartError(
    "download-failed",
    "A part of the playground could not be downloaded. Check the connection, then reload the page. If that does not help, the site may have just been updated: reload without the cache.",
    detail,
  );

const wrongContent = (detail) =>
  new StartError(
    "wrong-content",
    "What was downloaded is not the playground's program. A proxy, a sign-in page or an old copy in the cache may have answered instead: reload without the cache.",
    detail,
  );

const stopped = (detail) =>
  new StartError(
    "stopped",
    "The playground stopped while it was starting. That is a fault of the playground; the browser's console has the details. Reload the page to start without the state that was to be opened: it stays under Saved work.",
    detail,
  );

async function download(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    throw notDownloaded(`${url}: ${error.message}`);
  }
  if (!response.ok) throw notDownloaded(`${url}: HTTP status ${response.status}`);
  return response;
}

/** The name in the session storage under which the next start finds that the program stopped. */
const STOPPED = "eks-access-playground/stopped";

/** What somebody who begins to use the page does first. */
const SIGNS_OF_USE = ["pointermove", "pointerdown", "touchstart", "wheel", "keydown", "click"];

/**
 * The first screen needs a part of the program only. The rest is loaded as soon as somebody uses the page, or, if the
 * program calls into it before that is done, at once while the page waits. A development build is in one piece.
 */
function joinSecondPart(first) {
  const url = script.dataset.second && address("second");
  let joined = !url;
  let loading;

  async function load() {
    const response = await download(url);
    await WebAssembly.instantiate(await response.arrayBuffer(), { first });
    joined = true;
  }

  const onUse = () => {
    if (joined) for (const sign of SIGNS_OF_USE) removeEventListener(sign, onUse, true);
    // A failure may pass; what needs the second part will ask again and say so.
    else loading ??= load().catch(() => (loading = undefined));
  };
  if (url) for (const sign of SIGNS_OF_USE) addEventListener(sign, onUse, { capture: true, passive: true });

  globalThis.loadSecondPart = () => {
    if (joined) return;
    try {
      new WebAssembly.Instance(new WebAssembly.Module(downloadNow(url)), { first });
      joined = true;
    } catch (error) {
      sayLost();
      throw error;
    }
  };
}

/** The bytes at `url`; the page stands still until they are there. */
function downloadNow(url) {
  const request = new XMLHttpRequest();
  request.open("GET", url, false);
  // A request that waits may only give text: in this encoding each character holds one byte.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status !== 200) throw notDownloaded(`${url}: HTTP status ${request.status}`);
  return Uint8Array.from(request.responseText, (character) => character.charCodeAt(0) & 0xff);
}

/** Says that the page cannot go on: the program was stopped in the middle of something. */
function sayLost() {
  const note = document.createElement("p");
  note.className = "boot__lost";
  note.setAttribute("role", "alert");
  note.textContent =
    "A part of the playground could not be downloaded, so this page cannot go on. Check the connection, then reload: your work is kept.";
  document.body.prepend(note);
}

/** Whether an error says that the program itself has stopped: its memory can no longer be relied on. */
function isStop(error) {
  if (error instanceof WebAssembly.RuntimeError) return true;
  // Too deep a recursion and too much memory are errors of the script engine.
  const inProgram = /\bwasm/.test(error?.stack ?? "");
  return inProgram && (error instanceof RangeError || error?.name === "InternalError");
}

/** Tells the next start that the program stopped. False if this browser keeps no data for the page. */
function leaveNote(note) {
  try {
    sessionStorage.setItem(STOPPED, JSON.stringify(note));
    localStorage.length;
    return true;
  } catch {
    return false;
  }
}

/** Says that the program has stopped, takes no further input, and leaves a note for the next start. */
function watchForStops() {
  let panic = "";
  let isSaid = false;
  const log = console.error;
  // The program prints where it stopped just before it does.
  console.error = (...parts) => {
    if (typeof parts[0] === "string" && parts[0].includes("panicked at")) panic = parts[0].split("\n\nStack:")[0];
    log.apply(console, parts);
  };
  const say = (error) => {
    if (isSaid || !isStop(error)) return;
    isSaid = true;
    const message = (panic || `${error.name}: ${error.message}`).slice(0, 2_000);
    sayStopped(message, leaveNote({ at: Date.now(), message }));
  };
  addEventListener("error", (event) => say(event.error));
  addEventListener("unhandledrejection", (event) => say(event.reason));
}

/** The dialog of a program that has stopped. */
function sayStopped(message, isKept) {
  document.getElementById("app").inert = true;
  for (const open of document.querySelectorAll("dialog[open]")) open.close();
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("role", "alertdialog");
  dialog.setAttribute("aria-labelledby", "stopped-title");
  const title = document.createElement("h1");
  title.id = "stopped-title";
  title.className = "dialog__title";
  title.textContent = "The playground stopped";
  const text = document.createElement("p");
  text.textContent =
    "A fault of the playground ended the program, so the page takes no more input. " +
    (isKept
      ? "Your work up to the last change is kept in this browser. Reload the page to go on from there."
      : "This browser keeps no data for the page: the address holds your work up to the last change. Reload the page to go on from there.");
  const details = document.createElement("pre");
  details.className = "stopped__message";
  details.tabIndex = 0;
  details.setAttribute("aria-label", "Message of the fault, to be copied into a report");
  details.textContent = message;
  const reload = document.createElement("button");
  reload.type = "button";
  reload.className = "button button--primary";
  reload.textContent = "Reload the page";
  reload.addEventListener("click", () => location.reload());
  const actions = document.createElement("p");
  actions.className = "dialog__actions";
  actions.append(reload);
  dialog.append(title, text, details, actions);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
  reload.focus();
}

async function start() {
  if (typeof WebAssembly !== "object") throw noWebAssembly();
  const [glue, program] = [address("js"), address("wasm")];
  const loading = download(program);
  let module;
  try {
    module = await import(glue);
  } catch (error) {
    // `import` does not say whether the file is missing or is something else; asking for it again does.
    loading.catch(() => {});
    await download(glue);
    throw wrongContent(`${glue}: ${error.message}`);
  }
  const response = await loading;
  let first;
  try {
    first = await module.default({ module_or_path: response });
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) {
      throw wrongContent(`${program}: ${error.message}`);
    }
    if (error instanceof WebAssembly.RuntimeError) throw stopped(error.message);
    throw notDownloaded(`${program}: ${error.message}`);
  }
  joinSecondPart(first);
  watchForStops();
  module.start();
}

start().catch((error) => {
  const failure = error instanceof StartError ? error : stopped(error.message);
  console.error(`The playground did not start. ${failure.message}`);
  const status = document.getElementById("boot-status");
  if (!status) return;
  document.getElementById("boot-progress")?.remove();
  // The next start must not open the same state again.
  if (failure.cause === "stopped") leaveNote({ at: Date.now(), message: failure.message, starting: true });
  status.dataset.cause = failure.cause;
  status.setAttribute("role", "alert");
  status.textContent = failure.text;
});
