/** @import {FieldProblem, Problem} from './contract' */

/** A refusal of the server, in its own words. */
export class ApiError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail || problem.title);
    this.status = problem.status;
    /** @type {FieldProblem[]} */
    this.fields = problem.errors ?? [];
  }
}

/** The server could not be reached at all. */
export class ServerLost extends Error {
  constructor() {
    super('The server cannot be reached.');
  }
}

/**
 * @param {unknown} error
 * @returns {string} a sentence for people
 */
export function sentence(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * @param {number} status
 * @param {unknown} [told] by the server, if it told something
 * @returns {ApiError}
 */
function refusal(status, told = {}) {
  return new ApiError({ title: 'Request failed', status, detail: `The server answered ${status}.`, .../** @type {object} */ (told) });
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<Response>}
 */
async function request(path, options) {
  let response;
  try {
    response = await fetch(`/api${path}`, options);
  } catch (error) {
    if (options?.signal?.aborted && options.signal.reason?.name !== 'TimeoutError') throw error;
    throw new ServerLost();
  }
  if (response.ok) return response;
  const isProblem = (response.headers.get('content-type') ?? '').includes('json');
  throw refusal(response.status, isProblem ? await response.json() : undefined);
}

/**
 * @template T
 * @param {string} path
 * @param {Record<string, string | number> | string[][]} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function get(path, query = {}, signal) {
  const pairs = Array.isArray(query) ? query : Object.entries(query).map(([k, v]) => [k, String(v)]);
  const search = new URLSearchParams(pairs);
  return (await request(search.size ? `${path}?${search}` : path, signal && { signal })).json();
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {AbortSignal} [signal]
 */
export function send(method, path, body, signal) {
  return request(path, {
    method,
    ...(signal && { signal }),
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
}

/**
 * Sends a file as it is. `fetch` does not tell how far it has come.
 * @template T
 * @param {string} path
 * @param {Blob} file
 * @param {{onProgress: (share: number) => void, signal: AbortSignal}} options `share` of the file, 0 to 1
 * @returns {Promise<T>}
 */
export function sendFile(path, file, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open('POST', `/api${path}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    request.addEventListener('load', () => {
      const told = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(/** @type {T} */ (told));
      else reject(refusal(request.status, told));
    });
    request.addEventListener('error', () => reject(new ServerLost()));
    request.addEventListener('abort', () => reject(signal.reason));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
