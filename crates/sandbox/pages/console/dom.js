'use strict';

// Builds elements and keeps lists of them up to date. Text is only ever set as text, never parsed as HTML.

const byId = (id) => document.getElementById(id);

/** Properties: `class`, `text`, `on` (event listeners); everything else is an attribute. null and false leave it out. */
function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === false || value === undefined) {
      continue;
    } else if (name === 'text') {
      node.textContent = value;
    } else if (name === 'on') {
      Object.entries(value).forEach(([event, listener]) => node.addEventListener(event, listener));
    } else {
      node.setAttribute(name, value === true ? '' : value);
    }
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

function icon(name) {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(namespace, 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

function setClass(node, name) {
  if (node.className !== name) {
    node.className = name;
  }
}

function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) {
    node.setAttribute(name, value);
  }
}

function setNote(id, text) {
  const note = byId(id);
  note.hidden = text === '';
  setText(note, text);
}

function setCount(name, count) {
  for (const node of document.querySelectorAll(`[data-count="${name}"]`)) {
    setText(node, count === null ? '' : count.toLocaleString('en'));
  }
}

/**
 * Makes the rows of a list match the items. Rows are kept by key, so that focus, selection and scrolling stay.
 * `create` returns a row with an `update` function.
 */
function updateList(list, items, keyOf, create) {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const rows = new Map(Array.from(list.children, (row) => [row.dataset.key, row]));
  const kept = new Set(items.map((item) => String(keyOf(item))));
  rows.forEach((row, key) => kept.has(key) || row.remove());
  let next = list.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let row = rows.get(key);
    if (!row) {
      row = create(item);
      row.dataset.key = key;
      rows.set(key, row);
    }
    row.update(item);
    if (row === next) {
      next = next.nextElementSibling;
    } else {
      list.insertBefore(row, next);
    }
  }
  if (focused && document.activeElement !== focused) {
    restoreFocus(list, focused);
  }
  updateTabStops(list);
}

/** Focuses an element that was moved. If it is gone, focuses its row's first control, or the heading of the panel. */
function restoreFocus(list, focused) {
  const row = focused.closest('[data-key]');
  const usable = focused.isConnected && !focused.hidden ? focused : row?.isConnected && controlsOf(row)[0];
  (usable || list.closest('.panel').querySelector('h2')).focus();
}

const controlsOf = (row) => Array.from(row.querySelectorAll('[data-control]')).filter((control) => !control.hidden);

/** Only the controls of the current row are reached with Tab. Arrow keys move between rows and controls. */
function updateTabStops(list) {
  const current = list.querySelector('[data-current]') ?? list.firstElementChild;
  for (const row of list.children) {
    for (const control of row.querySelectorAll('[data-control]')) {
      const tabIndex = row === current ? 0 : -1;
      if (control.tabIndex !== tabIndex) {
        control.tabIndex = tabIndex;
      }
    }
  }
}

function makeNavigable(list) {
  list.addEventListener('focusin', (event) => {
    const row = event.target.closest('[data-key]');
    list.querySelector('[data-current]')?.removeAttribute('data-current');
    row.dataset.current = '';
    updateTabStops(list);
  });
  list.addEventListener('keydown', (event) => {
    const row = event.target.closest('[data-key]');
    if (!row || event.altKey || event.ctrlKey || event.metaKey || !event.target.matches('[data-control]')) {
      return;
    }
    const controls = controlsOf(row);
    const column = controls.indexOf(event.target);
    const rows = Array.from(list.children).filter((each) => !each.hidden);
    const position = rows.indexOf(row);
    const inRow = (target) => {
      const others = target ? controlsOf(target) : [];
      return others[Math.min(column, others.length - 1)];
    };
    const target = {
      ArrowDown: () => inRow(rows[position + 1]),
      ArrowUp: () => inRow(rows[position - 1]),
      ArrowRight: () => controls[column + 1],
      ArrowLeft: () => controls[column - 1],
      Home: () => inRow(rows[0]),
      End: () => inRow(rows[rows.length - 1]),
    }[event.key];
    if (target) {
      event.preventDefault();
      target()?.focus();
    }
  });
}

function showMessage(text) {
  const message = element('div', { class: 'message' }, element('span', { text }));
  const close = element('button', {
    type: 'button', class: 'icon', 'aria-label': 'Close this message', on: { click: () => message.remove() },
  }, icon('close'));
  message.append(close);
  byId('messages').replaceChildren(message);
}

