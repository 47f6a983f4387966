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
    const done = content.charge ? 'Ordered.' : 'Charged.';
    announce(`Request ${this.number}: ${response.status}. ${content.title ?? (replayed ? 'Replayed.' : done)}`);
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

const ANNOUNCED = 4000;
let announced;

/** Tells people who do not see the list what came, and small screens for a moment. */
function announce(text) {
  clearTimeout(announced);
  element('announcement').textContent = text;
  announced = setTimeout(() => element('announcement').textContent = '', ANNOUNCED);
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

const PATIENCE = 5000;
let timer;
let asked = 0;
let lastState;

function refreshSoon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, 30);
}

async function refresh() {
  clearTimeout(timer);
  if (!document.hidden) {
    const question = ++asked;
    try {
      const response = await fetch('showcase/state', {cache: 'no-store', signal: AbortSignal.timeout(PATIENCE)});
      if (!response.ok) {
        throw new Error(`Status ${response.status}`);
      }
      const state = await response.json();
      if (question === asked) {
        showState(state);
        lastState = new Date();
      }
    } catch {
      showAbsence();
    }
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, open > 0 ? 250 : 1000);
}

const clock = (date) => new Date(date).toLocaleTimeString('en-GB');

/** Sets what is announced when it changes only if it has. */
function say(id, text) {
  if (element(id).textContent !== text) {
    element(id).textContent = text;
  }
}

function showState(state) {
  settings = state.settings;
  document.body.classList.remove('offline');
  element('key-label').textContent = settings.keyHeader;
  say('store', `Records in: ${settings.store.toLowerCase()}`);
  say('records-note', 'as the store has them now');
  element('messages').hidden = !settings.messages;
  const wait = settings.waitTimeoutSeconds;
  element('slow-note').textContent = wait > 0
    ? `Sent again meanwhile, it waits, for up to ${wait} s.`
    : 'Sent again meanwhile, it is refused.';
  showNumbers(state);
  const rows = state.operations.map((operation) => recordRow(operation, state.now));
  if (state.totals.unprotected > 0) {
    rows.push(keylessRow(state.totals.unprotected));
  }
  element('records').replaceChildren(...(rows.length ? rows : [emptyRow('No key has come yet.', 7)]));
  if (order) {
    showSteps(state.operations.find((operation) => operation.key === order.key)?.steps ?? []);
  }
  const ledger = state.ledger.map(ledgerRow);
  element('ledger').replaceChildren(...(ledger.length ? ledger : [emptyRow('Nothing has been charged.', 5)]));
  element('ledger-note').textContent = state.charges > ledger.length
    ? `the newest ${ledger.length} of ${state.charges} charges` : 'what was charged';
}

/** Whatever a handler did that ran: it charged, it refunded, or it did neither. */
function showNumbers({totals, effects, running, waiting}) {
  const charges = effects.payments + effects.orders;
  const others = Math.max(0, totals.runs - charges - effects.refunds - effects.invalid);
  const numbers = {
    requests: totals.runs + totals.replays + totals.refusals, replays: totals.replays, refusals: totals.refusals,
    waiting, runs: totals.runs, charges
  };
  Object.entries(numbers).forEach(([id, number]) => element(id).textContent = number);
  const ended = list([[charges, 'charged'], [effects.refunds, 'refunded'], [effects.invalid, 'invalid'],
    [others, 'without a charge']]);
  element('runs-note').textContent = ended || (running > 0 ? '' : 'none yet');
  if (running > 0) {
    element('runs-note').append(' ', make('span', 'now', `${running} now`));
  }
  element('charges-note').textContent = list([[effects.payments, plural(effects.payments, 'payment')],
    [effects.orders, plural(effects.orders, 'order')]]) || 'none yet';
}

const list = (counts) => counts.filter(([count]) => count > 0).map((count) => count.join('\u00a0')).join(', ');

const plural = (count, noun) => count === 1 ? noun : `${noun}s`;

/** While the server does not answer, nobody knows what runs there now. */
function showAbsence() {
  document.body.classList.add('offline');
  say('store', 'The server does not answer');
  element('waiting').textContent = '–';
  document.querySelector('#runs-note .now')?.remove();
  if (lastState) {
    say('records-note', `as the store had them at ${clock(lastState)}`);
  }
  document.querySelectorAll('#records .in-progress').forEach((state) =>
    state.replaceWith(make('span', 'state', 'unknown')));
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

function recordRow({key: sentKey, path, counts, stored, changedAt}, now) {
  const response = [stored.status, stored.bytes === null ? null : `${stored.bytes} B`].filter((part) => part !== null);
  const made = row([[shorten(sentKey ?? '?'), 'key mono'], ...countCells(counts.runs, counts.replays, counts.refusals),
    ['', 'record'], [response.join(', ') || '–', 'stored'], [age(changedAt, now), 'age number']]);
  made.classList.toggle('this', sentKey === key.value);
  made.cells[0].title = `${sentKey ?? 'unknown'} at ${path ?? 'unknown'}`;
  made.cells[4].append(make('span', `state ${stored.state.replace(' ', '-')}`, stored.state));
  return made;
}

function keylessRow(runs) {
  return row([['no key', 'key faint'], ...countCells(runs, '–', '–'), ['–', 'record'], ['–', 'stored'],
    ['–', 'age number']]);
}

function countCells(runs, replays, refusals) {
  return [[runs, 'number', 'Runs'], [replays, 'number', 'Replays'], [refusals, 'number', 'Refusals']];
}

function ledgerRow(line) {
  const made = row([[clock(line.createdAt), 'time'], [line.reference, 'reference'], [line.kind],
    [shorten(line.id), 'mono'], [`${line.amount} ${line.currency}`, 'amount number']]);
  if (Number(line.refunded) > 0) {
    made.cells[4].append(make('small', '', `${line.refunded} refunded`));
  }
  return made;
}

function age(since, now) {
  const elapsed = Math.max(0, Math.round((Date.parse(now) - Date.parse(since)) / 1000));
  return elapsed < 60 ? `${elapsed} s` : elapsed < 3600 ? `${Math.floor(elapsed / 60)} min` : `${Math.floor(elapsed / 3600)} h`;
}

/** Makes a row of texts, each with its classes and, for screens without a head of the table, its label. */
function row(cells) {
  const made = make('tr');
  made.append(...cells.map(([text, className, label]) => {
    const cell = make('td', className, text);
    if (label) {
      cell.dataset.label = label;
    }
    return cell;
  }));
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
