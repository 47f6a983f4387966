const element = (id) => document.getElementById(id);

const amount = element('amount');
const key = element('key');
const delay = element('delay');
const answers = element('answers');

const EXTRA = 10;

let settings = {keyHeader: 'Idempotency-Key', replayHeader: 'Idempotent-Replayed', quotedKeys: false};
const sentKeys = new Set();
let order;
let sent = 0;
let open = 0;

/** Not crypto.randomUUID(), which browsers have on localhost and with TLS only. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = bytes[6] & 0x0f | 0x40;
  bytes[8] = bytes[8] & 0x3f | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

function useNewKey() {
  key.value = newKey();
  showKey();
}

function showKey() {
  const known = sentKeys.has(key.value);
  element('key-note').textContent = known
    ? 'Sent before: the same payment again is a retry.'
    : 'Not sent yet: it is a new payment.';
  element('pay').textContent = known ? 'Send it again' : 'Pay';
}

function make(name, className, text) {
  const made = document.createElement(name);
  made.className = className ?? '';
  made.textContent = text ?? '';
  return made;
}

const shorten = (text) => text.length > 13 ? `${text.slice(0, 8)}…` : text;

const money = (value) => Number(value).toFixed(2);

function seconds(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function paymentOf(extra = 0) {
  return {
    amount: money(Number(amount.value) + extra),
    currency: element('currency').value,
    reference: element('reference').value
  };
}

function headersOf(sentKey) {
  const headers = {'Content-Type': 'application/json'};
  if (sentKey) {
    headers[settings.keyHeader] = settings.quotedKeys ? JSON.stringify(sentKey) : sentKey;
  }
  return headers;
}

function send({label, withKey = true, extra = 0, slowly = false}) {
  const payment = paymentOf(extra);
  const headers = withKey ? headersOf(key.value) : headersOf();
  if (withKey) {
    sentKeys.add(key.value);
    showKey();
  }
  if (slowly) {
    headers['Showcase-Delay'] = delay.value;
  }
  const what = `${payment.amount} ${payment.currency}, ${withKey ? `key ${shorten(key.value)}` : 'no key'}`;
  return follow('showcase/payments', new Answer(label, what), headers, payment);
}

function placeNewOrder(label, cutOffAfter) {
  order = {key: newKey(), payment: paymentOf()};
  element('order-again').disabled = false;
  return placeOrder(label, cutOffAfter);
}

function placeOrder(label, cutOffAfter) {
  const {key: orderKey, payment} = order;
  const headers = headersOf(orderKey);
  if (cutOffAfter) {
    headers['Showcase-Cut-Off-After'] = cutOffAfter;
  }
  const what = `${payment.amount} ${payment.currency}, key ${shorten(orderKey)}`;
  return follow('orders', new Answer(label, what), headers, payment);
}

async function sendMessages(times) {
  const payment = paymentOf();
  sentKeys.add(key.value);
  showKey();
  const answer = new Answer('As a message', `${payment.amount} ${payment.currency}, key ${shorten(key.value)}`);
  try {
    const response = await fetch(`showcase/messages?times=${times}`, {
      method: 'POST', headers: {'Content-Type': 'application/json', 'Idempotency-Key': key.value},
      body: JSON.stringify(payment), signal: answer.signal
    });
    answer.showSent(response, times);
  } catch (error) {
    answer.showFailure(error);
  } finally {
    refreshSoon();
  }
}

async function follow(path, answer, headers, payment) {
  open++;
  refreshSoon();
  try {
    const response = await fetch(path, {
      method: 'POST', headers, body: JSON.stringify(payment), signal: answer.signal
    });
    const body = await response.text();
    answer.show(response, body);
  } catch (error) {
    answer.showFailure(error);
  } finally {
    open--;
    refreshSoon();
  }
}

/** One request in the list. */
class Answer {

  constructor(label, what) {
    element('no-answers').hidden = true;
    this.started = performance.now();
    this.giveUp = new AbortController();
    this.signal = this.giveUp.signal;
    this.number = ++sent;
    this.row = make('li', 'pending');
    this.line = make('div', 'line');
    this.status = make('span', 'status', '…');
    this.time = make('span', 'time', '');
    const button = make('button', 'quiet', 'Give up');
    button.type = 'button';
    button.setAttribute('aria-label', `Give up request ${this.number}`);
    button.addEventListener('click', () => this.giveUp.abort());
    this.text = make('div', 'text');
    this.text.append(make('span', '', 'No answer yet'), button);
    const title = make('span', 'what');
    title.append(make('b', '', label), make('small', '', what));
    this.line.append(this.status, title, this.time);
    this.row.append(this.line, this.text);
    answers.prepend(this.row);
    this.clock = setInterval(() => this.tick(), 100);
  }

  tick() {
    this.time.textContent = seconds(performance.now() - this.started);
  }

  end(kind, status) {
    clearInterval(this.clock);
    this.tick();
    this.row.className = kind;
    this.status.textContent = status;
    const focused = this.text.contains(document.activeElement);
    this.text.replaceChildren();
    if (focused) {
      answers.focus({preventScroll: true});
    }
  }

  show(response, body) {
    const replayed = response.headers.get(settings.replayHeader);
    const kind = response.ok || replayed ? (replayed ? 'replayed' : 'ran') : 'refused';
    this.end(kind, response.status);
    const content = parse(body);
    [settings.replayHeader, 'Retry-After'].filter((name) => response.headers.has(name)).forEach((name) =>
      this.text.append(make('code', '', `${name}: ${response.headers.get(name)}`)));
    if (kind === 'refused') {
      this.text.append(make('b', '', content.title ?? `Status ${response.status}`),
        make('span', '', content.detail ?? ''));
      Object.entries(content.errors ?? {}).forEach(([name, error]) =>
        this.text.append(make('span', '', `${name}: ${error}`)));
    }
    this.text.append(bodyOf(response, content, body));
    announce(`Request ${this.number}: ${response.status}. ${content.title ?? (replayed ? 'Replayed.' : 'Charged.')}`);
  }

  showSent(response, times) {
    this.end(response.ok ? 'ran' : 'refused', response.status);
    const text = response.ok ? `Sent ${times} times. The ledger shows what came of it.` : 'The message was not sent.';
    this.text.append(make('span', '', text));
    announce(`Request ${this.number}: ${text}`);
  }

  showFailure(error) {
    const gaveUp = error.name === 'AbortError';
    this.end('lost', gaveUp ? 'left' : 'lost');
    this.text.append(make('span', '', gaveUp
      ? 'You did not wait for the answer. What runs goes on, and a retry gets its response.'
      : 'There was no answer. Send it again: with the same key nothing is charged twice.'));
    announce(`Request ${this.number}: ${gaveUp ? 'given up' : 'no answer'}`);
  }
}

function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}

/** The body as it came, under a line that says what is in it. */
function bodyOf(response, content, body) {
  const details = make('details');
  const type = (response.headers.get('Content-Type') ?? 'no content type').split(';')[0];
  const size = `${type}, ${new Blob([body]).size} bytes`;
  const done = content.charge ? 'Ordered for' : 'Paid';
  const receipt = content.charge ? `charge ${shorten(content.charge)}` : `receipt ${shorten(content.id ?? '')}`;
  const summary = content.id ? `${done} ${content.amount} ${content.currency}, ${receipt}` : size;
  const text = Object.keys(content).length ? JSON.stringify(content, null, 2) : body;
  details.append(make('summary', '', summary), make('pre', '', `${size}\n\n${text}`));
  return details;
}

function announce(text) {
  element('announcement').textContent = text;
}

/** Runs the form's own checks before anything is sent. */
function onClick(id, action) {
  element(id).addEventListener('click', () => {
    if (element('payment').reportValidity() && (id !== 'slow' || delay.reportValidity())) {
      action();
    }
  });
}

function takeUnusedKey() {
  if (sentKeys.has(key.value)) {
    useNewKey();
  }
}

element('payment').addEventListener('submit', (event) => {
  event.preventDefault();
  send({label: sentKeys.has(key.value) ? 'Again' : 'Pay'});
});
element('new-key').addEventListener('click', useNewKey);
key.addEventListener('input', showKey);
onClick('ten', () => {
  takeUnusedKey();
  for (let click = 1; click <= 10; click++) {
    send({label: `Click ${click}`});
  }
});
onClick('other', () => send({label: 'Other amount', extra: EXTRA}));
onClick('slow', () => {
  takeUnusedKey();
  send({label: 'Slowly', slowly: true});
});
onClick('message', () => {
  takeUnusedKey();
  sendMessages(3);
});
onClick('order', () => placeNewOrder('Order'));
onClick('cut-off', () => placeNewOrder('Order, cut off', 'capture'));
onClick('order-again', () => placeOrder('Order again'));
onClick('keyless', () => send({label: 'Without a key', withKey: false}));

/* The server's side, asked for often while something is open, and not at all while nobody looks. */

let timer;
let asked = 0;

function refreshSoon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, 30);
}

async function refresh() {
  clearTimeout(timer);
  if (!document.hidden) {
    const question = ++asked;
    try {
      const response = await fetch('showcase/state', {cache: 'no-store'});
      const state = await response.json();
      if (question === asked) {
        showState(state);
      }
      document.body.classList.remove('offline');
    } catch {
      document.body.classList.add('offline');
      element('store').textContent = 'The server does not answer';
    }
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, open > 0 ? 250 : 1000);
}

function showState(state) {
  settings = state.settings;
  element('key-label').textContent = settings.keyHeader;
  element('store').textContent = `Records in: ${settings.store.toLowerCase()}`;
  element('messages').hidden = !settings.messages;
  const wait = settings.waitTimeoutSeconds;
  element('slow-note').textContent = wait > 0
    ? `Sent again meanwhile, it waits, for up to ${wait} s.`
    : 'Sent again meanwhile, it is refused.';
  const totals = state.totals;
  const runs = totals.runs + state.running;
  const numbers = {
    requests: totals.runs + totals.replays + totals.refusals, runs, replays: totals.replays,
    refusals: totals.refusals, waiting: state.waiting, charges: state.charges
  };
  Object.entries(numbers).forEach(([id, number]) => element(id).textContent = number);
  element('running').textContent = state.running > 0 ? `${state.running} now` : '';
  const rows = state.operations.map((operation) => recordRow(operation, state.now));
  if (totals.unprotected > 0) {
    rows.push(row([['no key', 'faint'], [totals.unprotected, 'number'], ['–', 'number'], ['–', 'number'], ['–'], ['–'],
      ['–', 'number']]));
  }
  element('records').replaceChildren(...(rows.length ? rows : [emptyRow('No key has come yet.', 7)]));
  if (order) {
    showSteps(state.operations.find((operation) => operation.key === order.key)?.steps ?? []);
  }
  const ledger = state.ledger.map((payment) => row([
    [new Date(payment.createdAt).toLocaleTimeString('en-GB'), 'time'], [payment.reference, 'reference'],
    [shorten(payment.id), 'mono'], [`${payment.amount} ${payment.currency}`, 'number']]));
  element('ledger').replaceChildren(...(ledger.length ? ledger : [emptyRow('Nothing has been charged.', 4)]));
}

/** What the newest attempt of the newest order has done so far. */
function showSteps(steps) {
  [...element('steps').children].forEach((item, position) => {
    const step = steps[position];
    const state = item.querySelector('.state');
    state.className = `state ${step ? (step.resumed ? 'resumed' : 'ran') : ''}`;
    state.textContent = step ? (step.resumed ? 'resumed' : 'ran') : 'not taken';
  });
}

function recordRow(operation, now) {
  const {counts, stored} = operation;
  const running = stored.state === 'in progress' ? 1 : 0;
  const made = row([[shorten(operation.key ?? '?'), 'mono'], [counts.runs + running, 'number'],
    [counts.replays, 'number'], [counts.refusals, 'number'], [''],
    [stored.bytes === null ? '–' : `${stored.status ? `${stored.status}, ` : ''}${stored.bytes} B`, 'stored'], [age(operation.changedAt, now), 'number']]);
  made.classList.toggle('this', operation.key === key.value);
  made.cells[0].title = `${operation.key ?? 'unknown'} at ${operation.path ?? 'unknown'}`;
  made.cells[4].append(make('span', `state ${stored.state.replace(' ', '-')}`, stored.state));
  return made;
}

function age(since, now) {
  const elapsed = Math.max(0, Math.round((Date.parse(now) - Date.parse(since)) / 1000));
  return elapsed < 60 ? `${elapsed} s` : elapsed < 3600 ? `${Math.floor(elapsed / 60)} min` : `${Math.floor(elapsed / 3600)} h`;
}

function row(cells) {
  const made = make('tr');
  made.append(...cells.map(([text, className]) => make('td', className, text)));
  return made;
}

function emptyRow(text, columns) {
  const made = row([[text, 'faint']]);
  made.cells[0].colSpan = columns;
  return made;
}

document.addEventListener('visibilitychange', refreshSoon);
useNewKey();
refresh();
