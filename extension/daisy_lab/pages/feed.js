/**
 * The feed without JupyterLab: it asks the same route, when the server says that
 * something is new, and by itself while something runs or the server is away; not at
 * all while the browser does not show it.
 */

'use strict';

const LIVELY = 2000; // milliseconds
const CALM = 15_000;
const SCANS = 30;
const proposal = new URL(location.href).searchParams.get('proposal') ?? '';
const place = id => document.getElementById(id);
const shown = new Map(); // the element of each scan, by its path
let timer = 0;
let reading = false;
let again = false;
let connected = false;

function make(kind, className = '', text = '') {
  const element = document.createElement(kind);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Behind a hub a request for data shows that it comes from this page. */
function get(route, query) {
  // of several the server takes the last, which is the least specific
  const [, own] = document.cookie.match(/.*\b_xsrf=([^;]*)/) ?? [];
  const headers = own ? { 'X-XSRFToken': own } : {};
  return fetch(`${route}?${new URLSearchParams(query)}`, { headers });
}

/** What the server answers; an error in its words where it refuses. */
async function ask(route, query = {}) {
  const answer = await get(route, query);
  if (answer.ok) {
    return answer.json();
  }
  const told = await answer.json().catch(() => ({}));
  throw new Error(told.message ?? `the server answered ${answer.status}`);
}

function say(problem) {
  place('problem').textContent = problem;
  place('problem').hidden = !problem;
}

/** Where JupyterLab opens a file or folder. */
function labLink(path) {
  const parts = path.split('/').map(encodeURIComponent);
  return path.startsWith('/') ? '' : `../lab/tree/${parts.join('/')}`;
}

function link(label, path) {
  const target = path ? labLink(path) : '';
  const element = make(target ? 'a' : 'div', 'picture');
  if (target) {
    element.href = target;
    element.setAttribute('aria-label', label);
  }
  return element;
}

function picture(box, address, words) {
  if (
    box.dataset.address === address &&
    (address || box.dataset.words === words)
  ) {
    return;
  }
  box.dataset.address = address;
  box.dataset.words = words;
  if (!address) {
    box.replaceChildren(make('span', '', words));
    return;
  }
  const image = new Image();
  image.alt = '';
  image.src = address;
  // what was there stays until this is here
  image
    .decode()
    .then(
      () => box.dataset.address === address && box.replaceChildren(image),
      () => box.replaceChildren(make('span', '', words))
    )
    .finally(() => address.startsWith('blob:') && URL.revokeObjectURL(address));
}

/** Pictures of scans are made one after the other: nobody waits for them. */
let made = Promise.resolve();

function scanPicture(box, scan) {
  const tag = `${scan.mtime} ${scan.path}`;
  if (box.dataset.tag === tag) {
    return;
  }
  box.dataset.tag = tag;
  if (!box.childNodes.length) {
    picture(box, '', scan.problem ? 'cannot be read' : 'no picture yet');
  }
  made = made.then(async () => {
    const answer = await get('thumb', { path: scan.path }).catch(() => null);
    if (answer?.status === 200 && box.dataset.tag === tag) {
      picture(box, URL.createObjectURL(await answer.blob()), '');
    }
  });
}

function preview(item, scan, before) {
  const run = item?.run;
  const file = run?.files[0]?.path ?? '';
  const key = `${item?.rule} ${file}`;
  const known = before.find(box => box.dataset.key === key);
  const box =
    known ?? link(`Open the result of ${item?.rule} for ${scan.name}`, file);
  box.dataset.key = key;
  const query = run && new URLSearchParams({ path: run.path, v: run.picture });
  const words = item ? (file ? 'result' : item.state) : 'no preview';
  picture(box, run?.picture ? `run/picture?${query}` : '', words);
  return box;
}

function state(item) {
  const line = make('div', 'state');
  const { run } = item;
  const goes = run && ['running', 'done'].includes(item.state);
  line.append(make('span', 'rule', item.rule));
  const kind = item.state === 'failed' ? 'failed' : '';
  line.append(make('span', kind, goes ? run.words : item.words));
  if (run && ['waiting', 'running'].includes(run.state)) {
    const bar = make('progress');
    bar.value = run.part;
    bar.setAttribute('aria-label', item.rule);
    line.append(bar);
  }
  const more = [];
  if (run?.picture && run.caption) {
    more.push(make('p', 'about', run.caption));
  }
  if (item.problem) {
    more.push(make('p', 'problem', item.problem));
  }
  return [line, ...more];
}

function whenText(scan) {
  const began = Date.parse(scan.start_time);
  const date = new Date(Number.isFinite(began) ? began : scan.mtime * 1000);
  const today = date.toDateString() === new Date().toDateString();
  return today ? date.toLocaleTimeString() : date.toLocaleString();
}

function draw(scan) {
  const article = shown.get(scan.path) ?? make('article');
  shown.set(scan.path, article);
  const [own, ...before] = [...article.querySelectorAll(':scope > .picture')];
  const first = own ?? link(`Open ${scan.name}`, scan.path);
  scanPicture(first, scan);
  const size = scan.shape.join(' × ');
  const about = [whenText(scan), scan.sample, scan.technique, size, scan.title];
  const text = make('div', 'text');
  text.append(
    make('h2', '', scan.name),
    make('p', 'about', about.filter(Boolean).join(' · ')),
    ...(scan.problem ? [make('p', 'problem', scan.problem)] : []),
    ...scan.items.flatMap(state)
  );
  const items = scan.items.length ? scan.items : [null];
  const boxes = items.map(item => preview(item, scan, before));
  const focused = document.activeElement;
  article.replaceChildren(first, ...boxes, text);
  if (article.contains(focused)) {
    focused.focus({ preventScroll: true });
  }
  return article;
}

function rulesProblem({ state, problem, command }) {
  if (state === 'wrong') {
    return `The rules of this proposal are wrong, so nothing is run. ${problem}`;
  }
  return state === 'none'
    ? `Nothing is run for new scans yet: this proposal has no rules. In a terminal, “${command}” writes the usual ones; so does the button on the Feed page in JupyterLab.`
    : '';
}

function show(feed) {
  say(rulesProblem(feed.rules));
  const articles = feed.items.map(draw);
  const paths = new Set(feed.items.map(scan => scan.path));
  [...shown.keys()]
    .filter(path => !paths.has(path))
    .forEach(path => shown.delete(path));
  const hint = `No scan yet. The first one appears here by itself as soon as it lies in ${proposal}/raw.`;
  const wanted = articles.length ? articles : [make('p', 'hint', hint)];
  const main = place('scans');
  const same = wanted.length === main.children.length;
  if (!same || wanted.some((element, i) => main.children[i] !== element)) {
    main.replaceChildren(...wanted);
  }
  const [newest] = feed.items;
  place('newest').textContent = newest
    ? `newest: ${newest.name}, ${whenText(newest)}`
    : '';
  const runs = feed.items.flatMap(scan => scan.items.map(item => item.run));
  return runs.some(run => run && ['waiting', 'running'].includes(run.state));
}

async function refresh() {
  clearTimeout(timer);
  if (document.hidden) {
    return; // until it is seen again
  }
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  let lively = false;
  do {
    again = false;
    try {
      lively = show(await ask('feed', { proposal, limit: SCANS }));
    } catch (error) {
      say(`This is not up to date: ${error.message}`);
    }
  } while (again);
  reading = false;
  timer = setTimeout(refresh, lively || !connected ? LIVELY : CALM);
}

/** The server tells what is new; while somebody listens it carries out the rules. */
function listen(pause = 1000) {
  const address = new URL('events', location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  const socket = new WebSocket(address);
  socket.onopen = () => {
    connected = true;
    pause = 1000;
  };
  socket.onmessage = ({ data }) => {
    if (['feed', 'catalog'].includes(JSON.parse(data).event)) {
      void refresh();
    }
  };
  socket.onclose = () => {
    connected = false;
    setTimeout(listen, pause, Math.min(2 * pause, 30_000));
  };
}

async function choose() {
  const { proposals } = await ask('proposals');
  const list = make('ul');
  for (const { path, beamline, name, title } of proposals) {
    const choice = make(
      'a',
      '',
      [beamline, name, title].filter(Boolean).join(' ')
    );
    choice.href = `?${new URLSearchParams({ proposal: path })}`;
    const line = make('li');
    line.append(choice);
    list.append(line);
  }
  const none = make('p', 'hint', 'You are not a member of any proposal yet.');
  place('scans').replaceChildren(proposals.length ? list : none);
}

if (proposal) {
  const name = proposal.split('/').slice(-2).join(' ');
  place('title').textContent = document.title = `Feed of ${name}`;
  listen();
  document.addEventListener('visibilitychange', refresh);
  void refresh();
} else {
  choose().catch(error => say(error.message));
}
