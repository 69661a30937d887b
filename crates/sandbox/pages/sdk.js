// A stand-in for the vendor's script, for rehearsals with the sandbox. A customer's page loads it from the sandbox, and
// calls it as it calls the vendor's:
//
//   <script src="http://127.0.0.1:PORT/_sandbox/sdk.js"></script>
//   <script>Upscope('init', { uniqueId: '1234', identities: ['Jane Doe'] });</script>
//
// From the vendor's public documentation: the functions init, updateConnection, connect, getLookupCode, getShortId,
// stopSession, reset and on; the events connection, sessionRequest, sessionStart, sessionContinue and sessionEnd; the
// options that CONFIGURATION lists; the class no-upscope; and that null clears an identifying option. assumed: everything
// else, above all what a snapshot contains, its rate, the attribute data-upscope-mask, the function disconnect, and the
// option callName. The window looks different from the vendor's.
(() => {
  'use strict';

  const waiting = window.Upscope;
  if (waiting?.isSandbox) {
    return;
  }

  const SANDBOX = new URL(document.currentScript.src).origin;
  const STORED_KEY = `upscope-sandbox:${SANDBOX}`;
  // A visitor that has not polled for ten seconds is offline.
  const POLL_WAIT_MS = 5000;
  const RETRY_DELAY_MS = 1000;

  const CONFIGURATION = {
    apiKey: null,
    uniqueId: undefined,
    identities: undefined,
    tags: undefined,
    callName: undefined,
    autoconnect: true,
    requireAuthorizationForSession: false,
    authorizationPromptTitle: 'Co-browsing request',
    authorizationPromptMessage: '{%agentName%|A support agent} asks to see this page of {%currentDomain%}.',
    translationsYes: 'Accept',
    translationsNo: 'Decline',
    translationsStopSession: 'End session',
    showTerminateButton: true,
    lookupCodeElement: null,
    maskedElements: [],
    domChangesDelay: 100,
    onSessionRequest: null,
  };
  // What `updateConnection` accepts, and the names in requests to the sandbox.
  const IDENTIFYING = { uniqueId: 'unique_id', identities: 'identities', tags: 'tags', callName: 'call_name' };

  const configuration = { ...CONFIGURATION };
  const listeners = {};
  const codeCallbacks = [];
  const idCallbacks = [];
  let visitor = null;
  // Changes whenever the connection ends, so that what belongs to an earlier connection stops.
  let connection = 0;
  let connected = false;
  let session = null;

  // ---- requests to the sandbox

  async function send(action, body) {
    const response = await fetch(`${SANDBOX}/_sandbox/sdk/${action}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
      const error = new Error(`the sandbox answered ${response.status} to ${action}: ${answer.message || answer.error}`);
      error.status = response.status;
      throw error;
    }
    return answer;
  }

  function report(error) {
    console.warn(`Upscope (sandbox): ${error.message}`);
  }

  function storedKey() {
    try {
      return localStorage.getItem(STORED_KEY);
    } catch {
      return null;
    }
  }

  // A page that may not store anything is a new visitor after each reload.
  function storeKey(key) {
    try {
      if (key) {
        localStorage.setItem(STORED_KEY, key);
      } else {
        localStorage.removeItem(STORED_KEY);
      }
    } catch {
      // See above.
    }
  }

  function identifyingAttributes() {
    const attributes = {};
    for (const [option, name] of Object.entries(IDENTIFYING)) {
      if (configuration[option] !== undefined) {
        attributes[name] = configuration[option];
      }
    }
    return attributes;
  }

  function pageAttributes() {
    return {
      url: location.href,
      title: document.title,
      device_type: /Mobi|Android/.test(navigator.userAgent) ? 'mobile' : 'desktop',
      browser_name: browserName(navigator.userAgent),
      requires_acceptance: Boolean(configuration.requireAuthorizationForSession),
    };
  }

  function browserName(userAgent) {
    const known = [['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']];
    return known.find(([mark]) => userAgent.includes(mark))?.[1] ?? null;
  }

  // ---- the connection

  async function connect() {
    if (connected) {
      return;
    }
    connected = true;
    connection += 1;
    const own = connection;
    while (own === connection) {
      try {
        await register(own);
        await followEvents(own);
      } catch (error) {
        report(error);
        if (error.status === 404) {
          // The sandbox was reset and does not know this visitor any more.
          storeKey(null);
          leaveSession();
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
      }
    }
  }

  async function register(own) {
    const key = storedKey();
    const body = { ...(key && { visitor_key: key }), ...identifyingAttributes(), ...pageAttributes() };
    const answer = await send('connect', body);
    if (own !== connection) {
      return;
    }
    visitor = { key: answer.visitor_key, shortId: answer.short_id, lookupCode: answer.lookup_code };
    storeKey(visitor.key);
    codeCallbacks.splice(0).forEach((callback) => callback(visitor.lookupCode));
    idCallbacks.splice(0).forEach((callback) => callback(visitor.shortId));
    showLookupCode();
    emit('connection');
  }

  async function followEvents(own) {
    let since = 0;
    // The first answer tells the past: only where it leads counts, and a session that goes on is continued.
    let isPast = true;
    while (own === connection) {
      const answer = await send('poll', { visitor_key: visitor.key, since, wait_ms: isPast ? 0 : POLL_WAIT_MS });
      if (own !== connection) {
        return;
      }
      since = answer.next;
      if (isPast) {
        resume(answer.events);
        isPast = false;
      } else {
        answer.events.forEach(handleEvent);
      }
    }
  }

  function resume(events) {
    const last = events.at(-1);
    if (last && last.type !== 'session_ended') {
      handleEvent(last, true);
    } else if (session) {
      leaveSession();
    }
  }

  function handleEvent(event, isPast = false) {
    if (event.type === 'session_requested') {
      emit('sessionRequest');
      askForPermission(event.session_id, event.agent_name);
    } else if (event.type === 'session_started') {
      enterSession(event.session_id, event.agent_name, isPast);
    } else if (event.type === 'session_ended') {
      leaveSession();
    }
  }

  function disconnect() {
    if (!connected) {
      return;
    }
    connected = false;
    connection += 1;
    leaveSession();
    if (visitor) {
      send('disconnect', { visitor_key: visitor.key }).catch(report);
    }
  }

  function showLookupCode() {
    const target = configuration.lookupCodeElement;
    const element = typeof target === 'string' ? document.querySelector(target) : target;
    if (element && visitor) {
      element.textContent = visitor.lookupCode;
    }
  }

  // ---- a session

  function answerRequest(sessionId, accept) {
    closeWindow();
    send('answer', { visitor_key: visitor.key, session_id: sessionId, accept }).catch(report);
  }

  function askForPermission(sessionId, agentName) {
    let answered = false;
    const answer = (accept) => {
      if (!answered) {
        answered = true;
        answerRequest(sessionId, Boolean(accept));
      }
    };
    if (typeof configuration.onSessionRequest === 'function') {
      configuration.onSessionRequest(answer, agentName || undefined);
      return;
    }
    const message = String(configuration.authorizationPromptMessage)
      .replace(/\{%agentName%\|([^}]*)\}/g, (_, fallback) => agentName || fallback)
      .replaceAll('{%currentDomain%}', () => location.host);
    const choices = [
      { label: configuration.translationsNo, act: () => answer(false) },
      { label: configuration.translationsYes, isMain: true, act: () => answer(true) },
    ];
    openWindow('request', configuration.authorizationPromptTitle, message, choices);
  }

  function enterSession(sessionId, agentName, isContinued) {
    if (session?.id === sessionId) {
      return;
    }
    leaveSession();
    session = { id: sessionId, watcher: watchPage(sessionId) };
    const choices = configuration.showTerminateButton
      ? [{ label: configuration.translationsStopSession, isDanger: true, act: stopSession }]
      : [];
    openWindow('session', null, `${agentName || 'A support agent'} sees this page.`, choices);
    emit(isContinued ? 'sessionContinue' : 'sessionStart');
  }

  function leaveSession() {
    closeWindow();
    if (session) {
      session.watcher.stop();
      session = null;
      emit('sessionEnd');
    }
  }

  function stopSession() {
    if (session) {
      send('end', { visitor_key: visitor.key, session_id: session.id }).catch(report);
    }
  }

  // Sends the page whenever it changes, one snapshot at a time, and the last state always.
  function watchPage(sessionId) {
    let isStopped = false;
    let isSending = false;
    let isDirty = false;
    let lastSent = '';
    const delay = Math.max(Number(configuration.domChangesDelay) || 0, 50);

    async function sendChanges() {
      if (isSending) {
        return;
      }
      isSending = true;
      while (isDirty && !isStopped) {
        isDirty = false;
        const page = takeSnapshot();
        const content = JSON.stringify(page);
        if (content !== lastSent) {
          try {
            await send('snapshot', { visitor_key: visitor.key, session_id: sessionId, page });
            lastSent = content;
          } catch (error) {
            report(error);
          }
        }
        await new Promise((resolve) => setTimeout(resolve, delay));
      }
      isSending = false;
    }

    function changed() {
      isDirty = true;
      if (!isStopped) {
        sendChanges();
      }
    }

    const observer = new MutationObserver(changed);
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    const events = ['input', 'change', 'toggle', 'scroll', 'resize'];
    events.forEach((name) => window.addEventListener(name, changed, { capture: true, passive: true }));
    changed();
    return {
      stop() {
        isStopped = true;
        observer.disconnect();
        events.forEach((name) => window.removeEventListener(name, changed, { capture: true }));
      },
    };
  }

  // ---- what a snapshot contains

  // Elements that are sent with their name. Others are left out, but what they contain is sent, except from DROPPED_ELEMENTS.
  const SENT_ELEMENTS = new Set([
    'main', 'header', 'footer', 'nav', 'section', 'article', 'aside', 'div', 'p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6',
    'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'pre', 'code',
    'blockquote', 'figure', 'figcaption', 'hr', 'br', 'span', 'strong', 'em', 'b', 'i', 'u', 's', 'small', 'sub', 'sup',
    'mark', 'a', 'button', 'summary', 'img',
  ]);
  const DROPPED_ELEMENTS = new Set([
    'script', 'style', 'noscript', 'template', 'head', 'iframe', 'object', 'embed', 'svg', 'canvas', 'video', 'audio', 'math',
    'datalist', 'option',
  ]);
  const FIELDS = new Set(['input', 'textarea', 'select']);
  const BUTTON_TYPES = new Set(['button', 'submit', 'reset']);
  // Together they keep a snapshot below the sandbox's limit of 1 MB, and its JSON at a depth that every reader accepts.
  const MAX_ELEMENTS = 4000;
  const MAX_CHARACTERS = 200000;
  const MAX_DEPTH = 50;

  function takeSnapshot() {
    const budget = { elements: MAX_ELEMENTS, characters: MAX_CHARACTERS, hasAnchor: window.scrollY <= 0 };
    const tree = { tag: 'div', children: [] };
    if (document.body) {
      collect(document.body, tree.children, budget, 0, false);
    }
    return {
      url: location.href,
      title: document.title,
      scroll_x: window.scrollX,
      scroll_y: window.scrollY,
      width: window.innerWidth,
      height: window.innerHeight,
      tree,
    };
  }

  function collect(parent, children, budget, depth, isPreformatted) {
    for (const node of parent.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        collectText(node, children, budget, isPreformatted);
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        collectElement(node, children, budget, depth, isPreformatted);
      }
      if (budget.elements <= 0) {
        return;
      }
    }
  }

  function collectText(node, children, budget, isPreformatted) {
    const text = limited(isPreformatted ? node.data : node.data.replace(/\s+/g, ' '), budget);
    if (text && (text !== ' ' || children.length > 0)) {
      children.push(text);
    }
  }

  function collectElement(element, children, budget, depth, isPreformatted) {
    const tag = element.localName;
    if (element === ownHost || DROPPED_ELEMENTS.has(tag) || getComputedStyle(element).display === 'none') {
      return;
    }
    if (FIELDS.has(tag)) {
      const attributes = fieldAttributes(element, tag, budget);
      if (attributes) {
        budget.elements -= 1;
        children.push(anchored(element, { tag, attributes }, budget));
      }
      return;
    }
    if (isMasked(element)) {
      // Nothing of a masked element leaves the page.
      budget.elements -= 1;
      children.push(anchored(element, { tag: 'div', masked: true }, budget));
      return;
    }
    const inner = tag === 'details' && !element.open ? element.querySelector(':scope > summary') : element;
    if (!inner) {
      return;
    }
    const preformatted = isPreformatted || tag === 'pre';
    if (!SENT_ELEMENTS.has(inner.localName) || depth >= MAX_DEPTH) {
      collect(inner, children, budget, depth, preformatted);
      return;
    }
    const node = { tag: inner.localName };
    const attributes = elementAttributes(inner, budget);
    if (attributes) {
      node.attributes = attributes;
    }
    budget.elements -= 1;
    children.push(node);
    node.children = [];
    collect(inner, node.children, budget, depth + 1, preformatted);
    if (node.children.length === 0) {
      delete node.children;
    }
    anchored(inner, node, budget);
  }

  // Marks the first element without elements in it whose end is in view, so that the agent's page scrolls to it.
  function anchored(element, node, budget) {
    const hasElements = node.children?.some((child) => typeof child !== 'string');
    if (!budget.hasAnchor && !hasElements) {
      const box = element.getBoundingClientRect();
      if (box.bottom > 0 && box.height > 0) {
        budget.hasAnchor = true;
        node.anchor = Math.round(box.top);
      }
    }
    return node;
  }

  function elementAttributes(element, budget) {
    const attributes = {};
    if (element.localName === 'td' || element.localName === 'th') {
      if (element.colSpan > 1) {
        attributes.colspan = element.colSpan;
      }
      if (element.rowSpan > 1) {
        attributes.rowspan = element.rowSpan;
      }
    } else if (element.localName === 'ol' && element.start !== 1) {
      attributes.start = element.start;
    } else if (element.localName === 'img') {
      attributes.alt = limited(element.alt, budget);
    }
    return Object.keys(attributes).length > 0 ? attributes : null;
  }

  function fieldAttributes(field, tag, budget) {
    const type = tag === 'input' ? field.type : tag;
    if (type === 'hidden' || type === 'file') {
      return null;
    }
    const attributes = { type };
    if (type === 'password') {
      // Neither the value nor its length.
      attributes.placeholder = '••••••';
    } else if (type === 'checkbox' || type === 'radio') {
      attributes.checked = isMasked(field) ? false : field.checked;
    } else if (BUTTON_TYPES.has(type)) {
      attributes.value = isMasked(field) ? '' : limited(field.value || type, budget);
    } else {
      const value = tag === 'select' ? field.selectedOptions[0]?.text || '' : field.value;
      const isSecret = isMasked(field) || /^cc-/.test(field.autocomplete) || isCardNumber(value);
      attributes.value = limited(isSecret ? '*'.repeat(value.length) : value, budget);
      if (!value && field.placeholder && !isMasked(field)) {
        attributes.placeholder = limited(field.placeholder, budget);
      }
    }
    return attributes;
  }

  function isMasked(element) {
    const selectors = ['.no-upscope', '[data-upscope-mask]', ...configuration.maskedElements];
    return selectors.some((selector) => element.closest(selector));
  }

  // Whether a text looks like the number of a payment card: 13 to 19 digits with a valid check digit.
  function isCardNumber(value) {
    const digits = value.replace(/[ -]/g, '');
    if (!/^\d{13,19}$/.test(digits)) {
      return false;
    }
    const sum = [...digits].reverse().reduce((total, digit, index) => {
      const doubled = index % 2 === 1 ? digit * 2 : Number(digit);
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
    return sum % 10 === 0;
  }

  // What is left of a text within the budget. Control characters and halves of surrogate pairs are no text.
  function limited(text, budget) {
    const part = String(text)
      .slice(0, budget.characters)
      .replace(/[\u0000-\u0008\u000b-\u001f]/g, '')
      .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '');
    budget.characters -= part.length;
    return part;
  }

  // ---- the window on the customer's page

  const STYLE = `
    :host { all: initial; }
    .window {
      position: fixed; z-index: 2147483647; inset: auto 1rem 1rem 1rem; margin: 0 auto; box-sizing: border-box;
      width: fit-content; max-width: min(30rem, calc(100vw - 2rem)); padding: 1rem 1.2rem;
      display: flex; flex-direction: column; gap: 0.8rem;
      font: 15px/1.45 system-ui, sans-serif; color: #1d2733; background: #ffffff;
      border: 1px solid #cbd3dc; border-radius: 12px; box-shadow: 0 8px 30px rgb(0 0 0 / 25%);
    }
    .window.session { flex-direction: row; align-items: center; padding: 0.5rem 0.6rem 0.5rem 1rem; border-width: 2px; border-color: #c02434; }
    .window:focus-visible, button:focus-visible { outline: 3px solid #1f6feb; outline-offset: 2px; }
    strong { font-size: 1.1rem; }
    span { overflow-wrap: anywhere; }
    .choices { display: flex; flex-wrap: wrap; gap: 0.6rem; justify-content: flex-end; }
    button {
      font: inherit; font-weight: 600; padding: 0.45rem 1rem; border-radius: 8px; cursor: pointer;
      border: 1px solid #9aa7b5; background: #f2f5f8; color: #1d2733;
    }
    button.main { background: #1f6feb; border-color: #1f6feb; color: #ffffff; }
    button.danger { background: #c02434; border-color: #c02434; color: #ffffff; }
    @media (prefers-color-scheme: dark) {
      .window { color: #e6ebf1; background: #1c242d; border-color: #3a4653; }
      button { background: #2a343f; border-color: #56646f; color: #e6ebf1; }
    }`;
  let ownHost = null;
  let focusedBefore = null;

  function openWindow(name, title, message, choices) {
    closeWindow();
    ownHost = document.createElement('upscope-sandbox');
    const shadow = ownHost.attachShadow({ mode: 'open' });
    // A style sheet made by script works whatever the page's Content-Security-Policy is.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    const box = document.createElement('div');
    box.className = `window ${name}`;
    box.setAttribute('role', title ? 'alertdialog' : 'status');
    const text = document.createElement('span');
    text.id = 'text';
    text.textContent = message;
    if (title) {
      const heading = document.createElement('strong');
      heading.id = 'title';
      heading.textContent = title;
      box.append(heading);
      box.setAttribute('aria-labelledby', 'title');
      box.setAttribute('aria-describedby', 'text');
      box.tabIndex = -1;
    }
    const row = document.createElement('div');
    row.className = 'choices';
    for (const { label, isMain, isDanger, act } of choices) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = label;
      button.classList.toggle('main', Boolean(isMain));
      button.classList.toggle('danger', Boolean(isDanger));
      button.addEventListener('click', act);
      row.append(button);
    }
    box.append(text, row);
    shadow.append(box);
    document.documentElement.append(ownHost);
    if (title) {
      // The window gets the focus, not a button: a key that is pressed at this moment must not accept.
      focusedBefore = document.activeElement;
      box.focus();
    }
  }

  function closeWindow() {
    const hadFocus = ownHost && document.activeElement === ownHost;
    ownHost?.remove();
    ownHost = null;
    if (hadFocus) {
      focusedBefore?.focus?.();
    }
    focusedBefore = null;
  }

  // ---- the functions

  function emit(event) {
    for (const callback of listeners[event] || []) {
      try {
        callback();
      } catch (error) {
        console.error(error);
      }
    }
  }

  function configure(options = {}) {
    for (const [name, value] of Object.entries(options)) {
      if (!Object.hasOwn(CONFIGURATION, name)) {
        console.warn(`Upscope (sandbox): the option ${name} has no effect in the sandbox.`);
      } else if (value !== undefined) {
        configuration[name] = value;
      }
    }
  }

  const FUNCTIONS = {
    init(options) {
      configure(options);
      if (configuration.autoconnect) {
        connect();
      }
    },
    updateConnection(options) {
      configure(options);
      if (visitor && connected) {
        send('update', { visitor_key: visitor.key, ...identifyingAttributes(), ...pageAttributes() }).catch(report);
      }
    },
    connect,
    disconnect,
    stopSession,
    reset() {
      disconnect();
      storeKey(null);
      visitor = null;
      emit('connectionReset');
      connect();
    },
    getLookupCode(callback) {
      if (visitor) {
        callback(visitor.lookupCode);
      } else {
        codeCallbacks.push(callback);
      }
    },
    getShortId(callback) {
      if (visitor) {
        callback(visitor.shortId);
      } else {
        idCallbacks.push(callback);
      }
    },
    on(...events) {
      const callback = events.pop();
      for (const event of events) {
        (listeners[event] ||= []).push(callback);
      }
    },
  };

  function Upscope(name, ...values) {
    if (Object.hasOwn(FUNCTIONS, name)) {
      FUNCTIONS[name](...values);
    } else {
      console.warn(`Upscope (sandbox): the function ${name} has no effect in the sandbox.`);
    }
  }
  Upscope.isSandbox = true;
  window.Upscope = Upscope;
  // The vendor's installation code keeps the calls that were made before the script was loaded.
  for (const call of waiting?.q || []) {
    Upscope(...call);
  }
})();
