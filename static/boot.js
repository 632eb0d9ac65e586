// Starts the program, or says why it cannot start: each cause has its own message and its own next step.
// The build writes the addresses of the program's two files into this script's element.

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
    "The playground stopped while it was starting. That is a fault of the playground; the browser's console has the details.",
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

async function start() {
  if (typeof WebAssembly !== "object") throw noWebAssembly();
  const [glue, program] = [address("js"), address("wasm")];
  const loading = download(program);
  let init;
  try {
    init = (await import(glue)).default;
  } catch (error) {
    // `import` does not say whether the file is missing or is something else; asking for it again does.
    loading.catch(() => {});
    await download(glue);
    throw wrongContent(`${glue}: ${error.message}`);
  }
  const response = await loading;
  try {
    await init({ module_or_path: response });
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) {
      throw wrongContent(`${program}: ${error.message}`);
    }
    if (error instanceof WebAssembly.RuntimeError) throw stopped(error.message);
    throw notDownloaded(`${program}: ${error.message}`);
  }
}

start().catch((error) => {
  const failure = error instanceof StartError ? error : stopped(error.message);
  console.error(`The playground did not start. ${failure.message}`);
  const status = document.getElementById("boot-status");
  if (!status) return;
  document.getElementById("boot-progress")?.remove();
  status.dataset.cause = failure.cause;
  status.setAttribute("role", "alert");
  status.textContent = failure.text;
});
