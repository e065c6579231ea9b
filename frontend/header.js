/** @import {RunStore} from './runs.js' */
/** @import {ViewState} from './state.js' */
/** @import {ViewStore} from './view-store.js' */
import { byId, el, icon, setText } from './dom.js';

/** @type {Record<ViewState['theme'], ViewState['theme']>} */
const NEXT_THEME = { system: 'light', light: 'dark', dark: 'system' };
const CONNECTION = { connecting: 'Connecting', live: 'Live', lost: 'Server lost' };

/**
 * Name, connection, data, theme and help; and the banner while the server is away.
 * @param {RunStore} runs
 * @param {ViewStore} store
 * @param {{data: () => void, reproduce: () => void, help: () => void}} actions
 */
export function mountHeader(runs, store, { data, reproduce, help }) {
  const page = byId('page');
  const drawer = headerButton('menu', 'Runs', () => toggleDrawer());
  drawer.classList.add('drawer-button');
  const connection = el('span', { class: 'connection', attrs: { role: 'status' } });
  const undo = headerButton('undo', 'Undo', () => store.undo());
  const redo = headerButton('redo', 'Redo', () => store.redo());
  undo.title = 'Take the last change of the view back (Ctrl or ⌘ Z)';
  redo.title = 'Repeat it (with Shift)';
  const theme = headerButton('system', '', () => {
    store.update({ theme: NEXT_THEME[store.state.theme] }, { record: false });
  });
  byId('header').append(
    drawer,
    el('h1', { class: 'wordmark', text: 'Priorscope' }),
    connection,
    el('div', { class: 'header-end' }, undo, redo, headerButton('data', 'Data', data), headerButton('reproduce', 'Reproduce', reproduce), theme, headerButton('help', 'Help', help)),
  );

  const toggleDrawer = (open = page.dataset['drawer'] !== 'open') => {
    page.dataset['drawer'] = open ? 'open' : 'closed';
    drawer.setAttribute('aria-expanded', String(open));
  };
  byId('drawer-shade').addEventListener('click', () => toggleDrawer(false));
  byId('rail').addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || page.dataset['drawer'] !== 'open') return;
    event.stopPropagation();
    toggleDrawer(false);
    drawer.focus();
  });

  const showTheme = () => {
    const chosen = store.state.theme;
    const label = `Theme: ${chosen}`;
    theme.replaceChildren(icon(chosen), el('span', { class: 'header-label', text: label }));
    theme.setAttribute('aria-label', `${label}. Switch to ${NEXT_THEME[chosen]}.`);
    theme.title = label;
  };
  const showConnection = () => {
    connection.dataset['state'] = runs.connection;
    setText(connection, CONNECTION[runs.connection]);
    showBanner(runs.connection === 'lost');
  };
  const showHistory = () => {
    undo.disabled = !store.canUndo;
    redo.disabled = !store.canRedo;
  };
  store.subscribe((state, previous) => {
    showHistory();
    if (state.theme !== previous.theme) showTheme();
  });
  runs.subscribe((change) => {
    if (change.kind === 'connection') showConnection();
  });
  showHistory();
  showTheme();
  showConnection();
}

/** @param {boolean} lost */
function showBanner(lost) {
  const banner = byId('banner');
  banner.hidden = !lost;
  setText(
    banner,
    lost
      ? 'The server cannot be reached. This page keeps what it shows and connects again by itself as soon as the server is back.'
      : '',
  );
}

/**
 * @param {import('./dom.js').IconName} name
 * @param {string} label
 * @param {() => void} onClick
 */
function headerButton(name, label, onClick) {
  return el(
    'button',
    { class: 'header-button', attrs: { type: 'button', title: label, 'aria-label': label || null }, on: { click: onClick } },
    icon(name),
    el('span', { class: 'header-label', text: label }),
  );
}
