/** @typedef {Node | string | null | false | undefined} Child */

/**
 * @typedef {object} Props
 * @property {string} [class]
 * @property {string} [text] becomes text, whatever it contains
 * @property {Record<string, string>} [data]
 * @property {Record<string, string | number | boolean | null | undefined>} [attrs]
 * @property {Record<string, (event: any) => void>} [on]
 */

/**
 * An element with its children. Strings always become text nodes: names come from people.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  if (props.class) node.className = props.class;
  if (props.text !== undefined) node.textContent = props.text;
  Object.assign(node.dataset, props.data);
  setAttributes(node, props.attrs ?? {});
  for (const [name, listener] of Object.entries(props.on ?? {})) node.addEventListener(name, listener);
  node.append(...children.filter((child) => child !== null && child !== false && child !== undefined));
  return node;
}

/**
 * @param {Element} node
 * @param {Record<string, string | number | boolean | null | undefined>} attributes false, null and undefined remove
 */
export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`The page has no #${id}.`);
  return node;
}

/**
 * A text set only where it differs, so that screen readers and the layout are left in peace.
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const ICONS = {
  menu: 'M2 4h12M2 8h12M2 12h12',
  close: 'M4 4l8 8M12 4l-8 8',
  more: 'M3 7.5h1v1H3zM7.5 7.5h1v1h-1zM12 7.5h1v1h-1z',
  enlarge: 'M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5L9 7M2.5 13.5L7 9',
  shrink: 'M13 7H9V3M3 9h4v4M9 7l4.5-4.5M7 9l-4.5 4.5',
  fit: 'M2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3M6 8h4M8 6v4',
  zoomIn: 'M8 3.5v9M3.5 8h9',
  zoomOut: 'M3.5 8h9',
  play: 'M4.5 2.8v10.4l8.5-5.2z',
  stop: 'M4.5 3v10M11.5 3v10',
  back: 'M11.5 3.5v9L5.5 8zM4 3.5v9',
  forward: 'M4.5 3.5v9l6-4.5zM12 3.5v9',
  save: 'M8 2.5v7.5M4.8 7L8 10.2 11.2 7M2.5 13.5h11',
  undo: 'M6.5 3L3 6.5 6.5 10M3 6.5h6a4 4 0 0 1 0 8H6',
  redo: 'M9.5 3L13 6.5 9.5 10M13 6.5H7a4 4 0 0 0 0 8h3',
  pin: 'M8 14v-4M5 2.5h6M6 2.5v4L4 10h8l-2-3.5v-4',
  system: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11',
  light: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  dark: 'M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z',
  join: 'M3.5 10.5a2 2 0 1 0 0 .01M12.5 5.5a2 2 0 1 0 0 .01M5 9.6l6-4.2',
  data: 'M13 4c0 1.1-2.2 2-5 2S3 5.1 3 4s2.2-2 5-2 5 .9 5 2zM3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2',
  plane: 'M1.5 11.5l4-7h9l-4 7zM8 6.2v3.6M6.2 8h3.6',
  reproduce: 'M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5M9 3l-2 10',
  help: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M6.3 6.4a1.75 1.75 0 1 1 2.5 1.6c-.5.3-.8.6-.8 1.2M8 11.2v.2',
};

/** @typedef {keyof typeof ICONS} IconName */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number>} [attributes]
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  setAttributes(node, attributes);
  return node;
}

/** @param {IconName} name */
export function icon(name) {
  const node = svg('svg', { viewBox: '0 0 16 16', class: 'icon', 'aria-hidden': 'true', focusable: 'false' });
  node.append(svg('path', { d: ICONS[name] }));
  return node;
}

/**
 * A button that shows an icon and says what it does to pointer and screen reader.
 * @param {IconName} name
 * @param {string} label
 * @param {(event: MouseEvent) => void} onClick
 * @returns {HTMLButtonElement}
 */
export function iconButton(name, label, onClick) {
  return el('button', { class: 'icon-button', attrs: { type: 'button', 'aria-label': label, title: label }, on: { click: onClick } }, icon(name));
}

/**
 * Tells whether a node is in sight, and whenever that changes.
 * @param {Element} node
 * @param {(visible: boolean) => void} tell
 * @param {IntersectionObserverInit} [options]
 */
export function watchSight(node, tell, options) {
  // On a busy page several changes come at once; the last one is how things are.
  new IntersectionObserver((entries) => tell(entries.at(-1)?.isIntersecting ?? false), options).observe(node);
}
