/** An element without a browser: it keeps what is put into it, and looks like nothing. */
export class FakeElement extends EventTarget {
  /** @type {(FakeElement | string)[]} */
  children = [];
  /** @type {Record<string, string>} */
  dataset = {};
  /** @type {Record<string, string>} */
  attributes = {};
  classList = { add() {}, remove() {}, toggle() {} };
  style = { setProperty() {} };
  className = '';
  hidden = false;
  disabled = false;
  value = '';

  /** @param {string} tag */
  constructor(tag) {
    super();
    this.tag = tag;
  }

  get textContent() {
    return this.children.map((child) => (typeof child === 'string' ? child : child.textContent)).join('');
  }

  /** @param {string} text */
  set textContent(text) {
    this.children = text ? [text] : [];
  }

  /** @param {...(FakeElement | string)} children */
  append(...children) {
    this.children.push(...children);
  }

  /** @param {...(FakeElement | string)} children */
  replaceChildren(...children) {
    this.children = children;
  }

  /** @returns {FakeElement[]} all that is in it, in order */
  get all() {
    return this.children.flatMap((child) => (typeof child === 'string' ? [] : [child, ...child.all]));
  }

  /** @param {FakeElement} other */
  contains(other) {
    return this === other || this.all.includes(other);
  }

  /** @param {string} tag */
  querySelector(tag) {
    return this.all.find((one) => one.tag === tag) ?? null;
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  setAttribute(name, value) {
    this.attributes[name] = value;
    if (name === 'value') this.value = value;
    if (name === 'disabled') this.disabled = true;
  }

  /** @param {string} name */
  removeAttribute(name) {
    delete this.attributes[name];
  }

  focus() {}
  remove() {}
  scrollIntoView() {}
}

/** Lets modules build their parts without a browser. Every id is there. */
export function fakePage() {
  /** @type {Map<string, FakeElement>} */
  const byId = new Map();
  const createElement = (/** @type {string} */ tag) => new FakeElement(tag);
  const getElementById = (/** @type {string} */ id) => {
    const node = byId.get(id) ?? createElement('div');
    byId.set(id, node);
    return node;
  };
  const document = { createElement, createElementNS: (/** @type {string} */ _space, /** @type {string} */ tag) => createElement(tag), getElementById, activeElement: null };
  const matchMedia = () => ({ matches: false });
  Object.assign(globalThis, { window: globalThis, document, matchMedia, HTMLElement: FakeElement, HTMLInputElement: FakeElement });
}
