// Shows the page that a customer's browser sent. What arrives is data from another web site: only the elements below are
// created, with `createElement` and text nodes, and nothing of the page is ever interpreted as HTML, a script or a link.

// Elements that keep their name. All others become <div>, also <main>: the watch page has one of its own.
const MIRRORED_ELEMENTS = new Set([
  'header', 'footer', 'nav', 'section', 'article', 'aside', 'div', 'p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6',
  'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'pre', 'code',
  'blockquote', 'figure', 'figcaption', 'hr', 'br', 'span', 'strong', 'em', 'b', 'i', 'u', 's', 'small', 'sub', 'sup',
  'mark',
]);
// Attributes of these elements, with what they accept.
const NUMBERS = { colspan: ['td', 'th'], rowspan: ['td', 'th'], start: ['ol'] };
const BUTTON_TYPES = new Set(['button', 'submit', 'reset']);
const MAX_DEPTH = 60;

// Replaces what `container` shows by `page`, and scrolls to where the customer is. `masked` is the label of masked parts.
function showPage(container, page, masked) {
  const nodes = document.createDocumentFragment();
  const found = { anchor: null, offset: 0 };
  appendNodes(nodes, [page.tree], masked, found, 0);
  container.replaceChildren(nodes);
  if (found.anchor) {
    const top = found.anchor.getBoundingClientRect().top - container.getBoundingClientRect().top;
    container.scrollTop += top - found.offset;
  } else {
    container.scrollTop = 0;
  }
  container.scrollLeft = 0;
}

function appendNodes(parent, nodes, masked, found, depth) {
  for (const node of Array.isArray(nodes) ? nodes : []) {
    if (typeof node === 'string') {
      parent.append(node);
    } else if (node && typeof node === 'object' && depth < MAX_DEPTH) {
      const element = createMirrored(node, masked);
      appendNodes(element, node.children, masked, found, depth + 1);
      parent.append(element);
      if (Number.isFinite(node.anchor)) {
        found.anchor = element;
        found.offset = node.anchor;
      }
    }
  }
}

function createMirrored(node, masked) {
  const tag = String(node.tag);
  const attributes = node.attributes && typeof node.attributes === 'object' ? node.attributes : {};
  if (node.masked) {
    return labelled('div', 'masked', masked);
  }
  switch (tag) {
    case 'a':
      return labelled('span', 'link');
    case 'button':
    case 'summary':
      return labelled('span', 'button');
    case 'img':
      return labelled('span', 'image', null, String(attributes.alt || '🖼'));
    case 'input':
    case 'textarea':
    case 'select':
      return createField(tag, attributes);
  }
  const element = document.createElement(MIRRORED_ELEMENTS.has(tag) ? tag : 'div');
  for (const [name, elements] of Object.entries(NUMBERS)) {
    if (elements.includes(tag) && Number.isInteger(attributes[name]) && Math.abs(attributes[name]) <= 1000) {
      element.setAttribute(name, String(attributes[name]));
    }
  }
  return element;
}

function createField(tag, attributes) {
  const value = typeof attributes.value === 'string' ? attributes.value : '';
  if (attributes.type === 'checkbox') {
    return labelled('span', 'box', null, attributes.checked ? '☑ ' : '☐ ');
  }
  if (attributes.type === 'radio') {
    return labelled('span', 'box', null, attributes.checked ? '◉ ' : '○ ');
  }
  if (tag === 'input' && BUTTON_TYPES.has(attributes.type)) {
    return labelled('span', 'button', null, value);
  }
  const field = labelled('span', 'field', null, value);
  if (!value) {
    field.classList.add('empty');
    field.textContent = typeof attributes.placeholder === 'string' ? attributes.placeholder : '';
  }
  return field;
}

function labelled(tag, className, label, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (label) {
    element.setAttribute('role', 'img');
    element.setAttribute('aria-label', label);
  }
  if (text) {
    element.textContent = text;
  }
  return element;
}
