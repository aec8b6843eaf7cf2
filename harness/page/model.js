'use strict';
/* The trace as the page wants it: who stands beside whom, what a layer did before it passed the request on and after. */

const count = (number, one, many) => `${number.toLocaleString('en')} ${number === 1 ? one : many || one + 's'}`;

const time = (ns) => {
  if (ns < 1e3) return `${ns} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(1)} µs`;
  return ns < 1e9 ? `${(ns / 1e6).toFixed(1)} ms` : `${(ns / 1e9).toFixed(2)} s`;
};

const errorText = (error) => (error.name ? `${error.name} (${error.number})` : `error ${error.number}`);

/* Columns: a layer has one at each depth at which it is entered, those further in further right. */
const lanesOf = (request) => {
  const depths = [];
  const lanes = new Map();
  for (const hop of request.hops) {
    depths[hop.number] = hop.parent === null ? 0 : depths[hop.parent] + 1;
    const key = `${depths[hop.number]} ${hop.layer} ${hop.site}`;
    if (!lanes.has(key)) lanes.set(key, { key, layer: hop.layer, site: hop.site, app: hop.app, depth: depths[hop.number], hops: [] });
    lanes.get(key).hops.push(hop.number);
  }
  const sorted = [...lanes.values()].sort((a, b) => a.depth - b.depth);
  const laneOf = [];
  sorted.forEach((lane, index) => lane.hops.forEach((hop) => { laneOf[hop] = index; }));
  return { lanes: sorted, laneOf };
};

/* What a visit does without a break: from entering, or from the return of a next, to the next call of it, or its end. */
const segmentsOf = (request) => {
  const segments = [];
  const open = []; /* by hop: its segment now */
  const begun = [];
  let current = null;
  const begin = (hop) => {
    current = { number: segments.length, hop, steps: [], first: !begun[hop], last: false };
    begun[hop] = true;
    open[hop] = current;
    segments.push(current);
  };
  for (const step of request.steps) {
    if (step.hop === null) continue;
    if (step.kind === 'enter') {
      begin(step.hop);
    } else if (current === null || step.hop !== current.hop) {
      if (step.kind === 'header' && open[step.hop]) { /* it goes out once all have returned */
        open[step.hop].steps.push(step);
        continue;
      }
      begin(step.hop);
    }
    current.steps.push(step);
    if (step.kind === 'leave') current.last = true;
  }
  return segments;
};

const keyOf = (step) => step.key || step.name || null;

/* The same for both runs if the layer did the same: numbers of envs differ where all else does not. */
const signature = (step, hop) => {
  switch (step.kind) {
    case 'next': return hop && step.env === hop.env ? 'next' : 'next with another env';
    case 'set':
    case 'unset': return [step.kind, step.key, step.before && step.before.text, step.after && step.after.text].join('\n');
    case 'header': return ['header', step.name, step.value.text].join('\n');
    case 'replace': return ['replace', step.name, step.before.text, step.after && step.after.text].join('\n');
    case 'leave': return ['leave', hop && hop.status_out, hop && hop.returned && hop.returned.number].join('\n');
    default: return [step.kind, step.bytes, step.status, step.text, step.error && step.error.number].join('\n');
  }
};

/* By layer and how often it has been entered, wherever it stands: one that is missing moves those below it. */
const visitSignatures = (request) => {
  const found = new Map();
  const visits = new Map();
  for (const hop of request.hops) {
    const visit = (visits.get(hop.layer) || 0) + 1;
    visits.set(hop.layer, visit);
    const steps = request.steps.filter((step) => step.hop === hop.number);
    found.set(`${visit} ${hop.layer}`, { hop: hop.number, text: steps.map((step) => signature(step, hop)).join('\n\n') });
  }
  return found;
};

/* Visits that only one of the two has, or that did not do the same: sets of hop numbers. */
const differingVisits = (left, right) => {
  const mine = visitSignatures(left);
  const theirs = visitSignatures(right);
  const of = (one, other) => new Set([...one].filter(([key, visit]) => !other.has(key) || other.get(key).text !== visit.text).map(([, visit]) => visit.hop));
  return { left: of(mine, theirs), right: of(theirs, mine) };
};

const short = (value) => {
  const text = value.object ? 'an object' : value.text;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const describe = (step, hop) => {
  switch (step.kind) {
    case 'enter': return 'is entered';
    case 'leave': return hop.returned ? `returns ${errorText(hop.returned)}` : `returns${hop.status_out ? `, status ${hop.status_out}` : ''}`;
    case 'next': return hop && step.env !== hop.env ? `passes another env on: ${step.env}` : 'passes it on';
    case 'copy': return `copies the env: ${step.env}`;
    case 'set': return `sets ${step.key} to ${short(step.after)}`;
    case 'unset': return `removes ${step.key}`;
    case 'read':
    case 'drain':
    case 'write': {
      const verb = { read: 'reads', drain: 'drains', write: 'writes' }[step.kind];
      return step.error ? `${verb}: ${errorText(step.error)}` : `${verb} ${count(step.bytes, 'byte')}`;
    }
    case 'rewind': return step.error ? `rewinds: ${errorText(step.error)}` : 'rewinds the body';
    case 'status': return `sets the status ${step.status}`;
    case 'stream': return 'answers with a stream';
    case 'replace': return step.after ? `replaces the header ${step.name} by ${short(step.after)}` : `removes the header ${step.name}`;
    case 'header': return `its header goes out: ${step.name}: ${short(step.value)}`;
    default: return `logs: ${short(step)}`;
  }
};

/* Which layers only one of the two entered, and where, apart from these, they first did not do the same; first null:
 * nowhere. */
const firstDifference = (left, right) => {
  const layerOf = (request, step) => (step.hop === null ? null : request.hops[step.hop].layer);
  const missing = (one, other) => [...new Set(one.hops.map((hop) => hop.layer))].filter((layer) => !other.hops.some((hop) => hop.layer === layer));
  const only = { left: missing(left, right), right: missing(right, left) };
  const shared = (request, without) => request.steps.filter((step) => !without.includes(layerOf(request, step)));
  const told = (request, step) => (step ? { hop: step.hop, text: `${layerOf(request, step) || 'outside of any layer,'} ${describe(step, request.hops[step.hop])}` } : { hop: null, text: 'nothing more happens' });
  const whole = (request, step) => step && `${layerOf(request, step)}\n${signature(step, request.hops[step.hop])}`;
  const [mine, theirs] = [shared(left, only.left), shared(right, only.right)];
  for (let i = 0; i < Math.max(mine.length, theirs.length); i++) {
    if (whole(left, mine[i]) !== whole(right, theirs[i])) return { only, first: { left: told(left, mine[i]), right: told(right, theirs[i]) } };
  }
  return { only, first: null };
};

/* Who took how much of the request's body, in order, and what was left. */
const ledgerOf = (request) => {
  const parts = [];
  for (const step of request.steps) {
    if ((step.kind !== 'read' && step.kind !== 'drain') || !(step.bytes > 0) || step.hop === null || request.hops[step.hop].exchange > 0) continue;
    const last = parts[parts.length - 1];
    if (last && last.hop === step.hop && last.kind === step.kind) last.bytes += step.bytes;
    else parts.push({ hop: step.hop, layer: request.hops[step.hop].layer, kind: step.kind, bytes: step.bytes });
  }
  const unread = request.result ? request.result.unread : 0;
  return { offered: request.result ? request.result.offered : null, unread, parts };
};

/* Which request the page opens with, and which beside it: the first that something was found in. */
const firstChoice = (trace) => {
  const { requests } = trace;
  const worst = (level) => requests.findIndex((request) => request.stack === 0 && request.findings.some((finding) => finding.level === level));
  const left = [trace.opens_with === null ? -1 : trace.opens_with, requests.findIndex((request) => request.lost), worst('error'), worst('warning'), 0].find((index) => index >= 0);
  const right = requests.findIndex((request) => requests[left] && request.stack !== requests[left].stack && request.case === requests[left].case);
  return { left, right };
};
