// Shows JSON with indentation and colours.

/** Longer texts are shown without colours, because each coloured value is an element. */
const MAX_COLOURED = 200_000;
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** `text` is the body of a message. Shown as it is if it is not JSON. */
function bodyView(text) {
  let pretty = text;
  let isJson = false;
  try {
    const value = JSON.parse(text);
    isJson = typeof value === 'object' && value !== null;
    pretty = isJson ? JSON.stringify(value, null, 2) : text;
  } catch {
    // Not JSON, or only the beginning of it.
  }
  const view = element('pre', { class: 'body', tabindex: '0' });
  if (!isJson || pretty.length > MAX_COLOURED) {
    view.textContent = pretty;
    return view;
  }
  let end = 0;
  for (const match of pretty.matchAll(TOKEN)) {
    const [token, string, colon, word] = match;
    view.append(pretty.slice(end, match.index));
    const kind = string ? (colon ? 'key' : 'string') : word ? 'word' : 'number';
    view.append(element('span', { class: `json-${kind}`, text: string ?? token }), colon ?? '');
    end = match.index + token.length;
  }
  view.append(pretty.slice(end));
  return view;
}

