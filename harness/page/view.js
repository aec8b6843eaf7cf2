/* What is shown. All that came with a request is put in as text, never as markup. */

const element = (name, attributes, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === true) made.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
};

/* Names and paths are broken behind what divides their words. */
const breakable = (text) => text.split(/(?<=[/_.:-])(?=[^/_.:-])/).flatMap((part, index) => (index ? [element('wbr', {}), part] : [part]));

const chip = (kind, text) => element('span', { class: `chip ${kind}` }, text);
const place = (site) => (site ? element('code', { class: 'site' }, breakable(site)) : '');

const LONG = 160;
/* A long value is folded: its beginning, and all that the trace has of it. */
const shown = (value) => {
  if (value === null || value === undefined) return element('span', { class: 'absent' }, 'absent');
  if (value.object) return element('span', { class: 'absent' }, 'an object');
  if (value.text === '') return element('span', { class: 'absent' }, 'empty');
  const text = element('code', { class: value.masked ? 'value masked' : 'value' }, value.text);
  if (value.text.length <= LONG) return text;
  const size = value.bytes === null ? '' : ` ${count(value.bytes, 'byte')}`;
  return element('details', { class: 'long' }, element('summary', {}, element('code', { class: 'value' }, `${value.text.slice(0, 24)}…`), size), text);
};

const levelOf = (findings) => ['error', 'warning', 'note'].find((level) => findings.some((finding) => finding.level === level));

/* ---- the chain ---- */

const chipsOf = (segment, hop) => {
  const steps = (kind) => segment.steps.filter((step) => step.kind === kind);
  const bytes = [...steps('read'), ...steps('drain')].reduce((sum, step) => sum + (step.bytes || 0), 0);
  const changes = steps('set').length + steps('unset').length;
  const status = steps('status').pop();
  const chips = [];
  if (segment.first && hop.exchange) chips.push(chip('failed', 'left-over body'));
  if (changes) chips.push(chip('env', `env ${changes}`));
  if (steps('copy').length) chips.push(chip('copy', 'copies env'));
  if (steps('read').length + steps('drain').length) chips.push(chip('body', `body ${count(bytes, 'byte')}`));
  if (status) chips.push(chip(status.status >= 500 ? 'status bad' : 'status', `status ${status.status}`));
  if (steps('header').length) chips.push(chip('header', count(steps('header').length, 'header')));
  if (steps('log').length) chips.push(chip('log', 'logs'));
  if (segment.last && hop.returned) chips.push(chip('failed', errorText(hop.returned)));
  return chips;
};

const directionOf = (segment, hop) => {
  if (segment.first && segment.last) return { mark: '↩', words: hop.answered ? 'answers' : 'returns', kind: 'turn' };
  if (segment.first) return hop.left || hop.next_calls !== undefined || segment.steps.some((step) => step.kind === 'next') ? { mark: '↓', words: 'request', kind: 'down' } : { mark: '✕', words: 'never returned', kind: 'lost' };
  return segment.last ? { mark: '↑', words: 'answer', kind: 'up' } : { mark: '↻', words: 'again', kind: 'down' };
};

/* A card for what a visit does in one go; arrows lead to the next one. */
const cardOf = (pane, segment, row) => {
  const { request, id, laneOf, segments } = pane;
  const hop = request.hops[segment.hop];
  const direction = directionOf(segment, hop);
  const pinned = segment.last || !hop.left ? request.findings.filter((finding) => finding.hop === segment.hop) : [];
  const level = levelOf(pinned);
  const differs = pane.differing && pane.differing.has(segment.hop);
  const card = element('button', {
    type: 'button', class: `card ${direction.kind}`, id: `${id}-card-${segment.number}`, 'data-hop': segment.hop, 'data-segment': segment.number,
    'aria-pressed': 'false', 'aria-controls': `${id}-visit-${segment.hop}`, tabindex: segment.number === 0 ? '0' : '-1',
  },
  element('span', { class: 'name' }, element('span', { class: 'mark', 'aria-hidden': 'true' }, direction.mark), element('span', {}, breakable(hop.layer))),
  element('span', { class: 'chips' }, chip('direction', direction.words), chipsOf(segment, hop), differs ? chip('differs', 'differs') : null),
  level ? element('span', { class: `pin ${level}` }, `${count(pinned.length, 'finding')}: ${level}`) : null);
  const next = segments[segment.number + 1];
  const span = next ? laneOf[next.hop] - laneOf[segment.hop] : 0;
  card.style.setProperty('--at', laneOf[segment.hop] + 1);
  card.style.setProperty('--row', row);
  if (span) {
    card.classList.add(span > 0 ? 'to-right' : 'to-left');
    card.style.setProperty('--span', Math.abs(span));
  }
  return card;
};

const chainOf = (pane) => {
  const { request, lanes, segments } = pane;
  if (segments.length === 0) return element('p', { class: 'note' }, 'No layer was entered.');
  const grid = element('div', { class: 'chain', role: 'group', 'aria-label': 'Chain of layers' });
  grid.style.setProperty('--lanes', lanes.length);
  lanes.forEach((lane, index) => {
    const head = element('div', { class: 'lane-head' }, element('strong', {}, breakable(lane.layer)), lane.app ? element('span', { class: 'kind' }, 'app') : null, place(lane.site));
    const line = element('div', { class: 'lane-line', 'aria-hidden': 'true' });
    for (const part of [head, line]) part.style.setProperty('--at', index + 1);
    line.style.setProperty('--rows', segments.length);
    grid.append(head, line);
  });
  segments.forEach((segment, index) => grid.append(cardOf(pane, segment, index + 2)));
  return element('div', { class: 'scroll' }, grid);
};

/* ---- the body ---- */

const ledgerFigure = (request) => {
  const ledger = ledgerOf(request);
  if (ledger.offered === 0 || (ledger.offered === null && ledger.parts.length === 0)) return element('p', { class: 'quiet' }, 'The request has no body.');
  const parts = ledger.parts.map((part) => ({ text: `${part.layer} ${part.kind === 'read' ? 'read' : 'drained'} ${count(part.bytes, 'byte')}`, bytes: part.bytes, kind: part.kind }));
  if (ledger.unread > 0) parts.push({ text: `${count(ledger.unread, 'byte')} left unread`, bytes: ledger.unread, kind: 'unread' });
  const total = ledger.offered === null ? 'Request body' : `Request body, ${count(ledger.offered, 'byte')}`;
  const bar = element('div', { class: 'bar', role: 'img', 'aria-label': `${total}: ${parts.map((part) => part.text).join(', ') || 'nobody read it'}` });
  const list = element('ul', { class: 'legend' });
  for (const [index, part] of parts.entries()) {
    const piece = element('span', { class: `piece ${part.kind} shade-${index % 4}` });
    piece.style.setProperty('flex-grow', part.bytes);
    bar.append(piece);
    list.append(element('li', {}, element('span', { class: `swatch ${part.kind} shade-${index % 4}`, 'aria-hidden': 'true' }), part.text));
  }
  return element('figure', { class: 'ledger' }, element('figcaption', {}, total), bar, list);
};

/* ---- a visit ---- */

const rowOf = (step, hop) => {
  const key = keyOf(step);
  const diff = step.kind === 'set' || step.kind === 'unset' || step.kind === 'replace';
  const cells = [element('td', {}, step.kind === 'replace' ? (step.after ? 'replaces' : 'removes') : diff ? step.kind : step.kind === 'header' ? 'header' : step.kind === 'log' ? 'logs' : describe(step, hop))];
  cells.push(element('td', {}, key ? element('code', { class: 'key' }, breakable(key)) : ''));
  cells.push(element('td', {}, diff ? element('span', { class: 'before' }, shown(step.before)) : ''));
  if (diff) cells.push(element('td', {}, element('span', { class: 'after' }, shown(step.after))));
  else if (step.kind === 'header') cells.push(element('td', {}, element('span', { class: 'after' }, shown(step.value))));
  else cells.push(element('td', {}, step.kind === 'log' ? element('code', { class: 'value' }, step.text) : ''));
  cells.push(element('td', {}, place(step.site)));
  return element('tr', { 'data-key': key === null ? false : key.toLowerCase(), class: `step ${step.kind}` }, cells);
};

const findingOf = (finding) => element('div', { class: `finding ${finding.level}` },
  element('p', {}, element('strong', {}, finding.level), ' ', element('code', {}, finding.rule)),
  element('pre', {}, finding.text.join('\n')));

const factsOf = (pairs) => element('dl', { class: 'facts' }, pairs.filter(([, value]) => value !== null && value !== '')
  .map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))));

const visitOf = (pane, hop) => {
  const { request, id } = pane;
  const steps = request.steps.filter((step) => step.hop === hop.number && step.kind !== 'enter' && step.kind !== 'leave');
  const findings = request.findings.filter((finding) => finding.hop === hop.number);
  const facts = [
    ['Given to the stack', place(hop.site)],
    ['Entered from', place(hop.entered_at)],
    ['Env', hop.env],
    ['Status on entering', hop.status_in || 'none'],
    ['Body offered', hop.body.offered === null ? 'unknown' : count(hop.body.offered, 'byte')],
  ];
  if (hop.left) {
    facts.push(['Status on leaving', `${hop.status_out || 'none'}${hop.answered ? ', its own answer' : ''}`],
      ['Returned', hop.returned ? errorText(hop.returned) : '0'],
      ['Called next', count(hop.next_calls, 'time')],
      ['Took of the body', hop.body.read + hop.body.drained ? `${hop.body.read} read, ${hop.body.drained} drained` : 'nothing'],
      ['Time', `${time(hop.wall_ns)}, of it ${time(hop.own_wall_ns)} its own`],
      ['The rig’s clock', hop.clock_out_ns === hop.clock_in_ns ? 'stood still' : `moved on by ${time(hop.clock_out_ns - hop.clock_in_ns)}`],
      ['Allocations', hop.allocations === null ? 'not counted' : `${hop.allocations}, of them ${hop.own_allocations} its own`]);
  } else {
    facts.push(['Returned', 'never']);
  }
  const table = element('table', { class: 'steps' },
    element('caption', {}, `What ${hop.layer} did, in order`),
    element('thead', {}, element('tr', {}, ['Step', 'Key', 'Before', 'After', 'Where'].map((name) => element('th', { scope: 'col' }, name)))),
    element('tbody', {}, steps.map((step) => rowOf(step, hop))));
  return element('section', { class: 'visit', id: `${id}-visit-${hop.number}`, 'data-hop': hop.number, 'aria-labelledby': `${id}-name-${hop.number}`, hidden: true },
    element('h3', { id: `${id}-name-${hop.number}` }, hop.layer, element('span', { class: 'kind' }, `visit ${hop.number + 1}${hop.exchange ? ', of what was left of the body' : ''}`)),
    findings.map(findingOf), factsOf(facts),
    steps.length ? element('div', { class: 'scroll' }, table) : element('p', { class: 'quiet' }, 'It did nothing that the rig sees.'));
};

/* ---- two requests ---- */

const differenceOf = ({ only, first }) => {
  const strong = (text) => element('strong', {}, text);
  const said = [];
  for (const side of ['left', 'right']) {
    if (only[side].length) said.push(`Entered on the ${side} alone: `, strong(only[side].join(', ')), '. ');
  }
  if (first) said.push('First difference: on the left, ', strong(first.left.text), '; on the right, ', strong(first.right.text), '.');
  else said.push(said.length ? 'The others did the same.' : 'No difference.');
  return said;
};

/* ---- a request ---- */

const answerText = (request) => {
  if (request.lost) return `none: ${request.lost}`;
  const { result } = request;
  if (result.refused) return `${result.client_status || ''} refused: ${result.refused}`;
  const by = request.answered_by === null ? '' : ` by ${request.hops[request.answered_by].layer}`;
  return `${result.status}${by}${result.error ? `, and ${errorText(result.error)}, which no layer handled` : ''}, ${count(result.body_bytes, 'byte')}`;
};

const requestFacts = (request) => {
  const { result } = request;
  const facts = [['Answer', answerText(request)]];
  if (result) {
    facts.unshift(['Request', element('code', { class: 'value' }, `${result.method || '?'} ${result.target || '?'}`)]);
    facts.push(['The client', `${result.outcome}${result.client_status ? `, saw ${result.client_status}` : ', saw nothing'}`],
      ['Connection', result.connection], ['What follows', result.follows]);
  }
  if (request.hops.length && request.hops[0].left) facts.push(['Time', time(request.hops[0].wall_ns)]);
  return factsOf(facts);
};

const findingsList = (pane) => {
  const { request, id } = pane;
  if (request.findings.length === 0) return element('p', { class: 'quiet' }, request.lost ? 'It never came to an end.' : 'Nothing was found.');
  return element('ul', { class: 'findings' }, request.findings.map((finding, index) => element('li', { class: finding.level },
    finding.hop === null ? element('div', { class: 'whole' }, findingOf(finding))
      : element('button', { type: 'button', class: 'go', 'data-go': finding.hop, id: `${id}-finding-${index}` },
        element('span', { class: `pin ${finding.level}` }, finding.level), ` ${finding.message} `, element('code', {}, finding.rule)))));
};

const paneOf = (trace, request, id, differing) => {
  const pane = { request, id, differing, segments: segmentsOf(request), ...lanesOf(request) };
  const so = trace.stacks.length > 1 ? place(trace.stacks[request.stack]) : null;
  pane.root = element('section', { class: 'pane', id, 'aria-labelledby': `${id}-title` },
    element('h2', { id: `${id}-title` }, request.name),
    element('p', { class: 'where' }, place(request.site), ' under ', request.server, so ? ', ' : '', so || ''),
    requestFacts(request), findingsList(pane), chainOf(pane), ledgerFigure(request),
    element('div', { class: 'visits' }, request.hops.map((hop) => visitOf(pane, hop))));
  return pane;
};
