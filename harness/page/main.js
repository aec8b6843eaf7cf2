/* What happens on a click, on a key, on another choice. */
(() => {
  const byId = (id) => document.getElementById(id);
  const trace = JSON.parse(byId('trace').textContent);
  const [left, right, filter] = [byId('left'), byId('right'), byId('filter')];
  let panes = [];

  const cards = (pane) => [...pane.root.querySelectorAll('.card')];

  /* Shows the visit of that card. */
  const select = (pane, card) => {
    for (const other of cards(pane)) {
      other.setAttribute('aria-pressed', String(other === card));
      other.tabIndex = other === card ? 0 : -1;
      other.classList.toggle('same', other.dataset.hop === card.dataset.hop);
    }
    for (const visit of pane.root.querySelectorAll('.visit')) visit.hidden = visit.dataset.hop !== card.dataset.hop;
    const hop = pane.request.hops[Number(card.dataset.hop)];
    const steps = pane.request.steps.filter((step) => step.hop === hop.number).length;
    byId('said').textContent = `${hop.layer}: ${count(steps, 'step')}`;
  };

  /* The card that a visit ends with: a finding is pinned to it. */
  const cardOfHop = (pane, hop) => cards(pane).filter((card) => Number(card.dataset.hop) === hop).pop();

  const goTo = (pane, hop) => {
    const card = cardOfHop(pane, hop);
    if (!card) return;
    select(pane, card);
    card.focus();
  };

  /* ---- filter ---- */

  const applyFilter = () => {
    const wanted = filter.value.trim().toLowerCase();
    let found = 0;
    for (const pane of panes) {
      const hops = new Set();
      for (const row of pane.root.querySelectorAll('.step')) {
        const match = wanted === '' || (row.dataset.key || '').includes(wanted);
        row.hidden = !match;
        if (match && wanted) {
          found++;
          hops.add(row.closest('.visit').dataset.hop);
        }
      }
      for (const card of cards(pane)) {
        const segment = pane.segments[Number(card.dataset.segment)];
        const match = wanted === '' || segment.steps.some((step) => (keyOf(step) || '').toLowerCase().includes(wanted));
        card.classList.toggle('dim', !match);
      }
    }
    byId('matches').textContent = wanted === '' ? '' : found ? `${count(found, 'change')} of such keys` : 'no such key';
  };

  /* ---- what is shown ---- */

  const draw = () => {
    const chosen = [trace.requests[left.value], trace.requests[right.value]].filter(Boolean);
    const two = chosen.length === 2;
    const differing = two ? differingVisits(chosen[0], chosen[1]) : {};
    panes = chosen.map((request, index) => paneOf(trace, request, index ? 'second' : 'first', index ? differing.right : differing.left));
    byId('panes').replaceChildren(...panes.map((pane) => pane.root));
    byId('panes').classList.toggle('two', two);
    const compared = two ? firstDifference(chosen[0], chosen[1]) : { first: null };
    const { first } = compared;
    const difference = byId('difference');
    difference.hidden = !two;
    difference.replaceChildren(...(two ? differenceOf(compared) : []));
    panes.forEach((pane, index) => {
      const differs = first && (index ? first.right : first.left).hop;
      const found = pane.request.findings.find((finding) => finding.hop !== null);
      const hop = typeof differs === 'number' ? differs : found ? found.hop : 0;
      const card = cardOfHop(pane, hop) || cards(pane)[0];
      if (card) select(pane, card);
    });
    byId('said').textContent = '';
    document.title = chosen.length ? `${chosen[0].name} – Stackrig trace` : 'Stackrig trace';
    applyFilter();
  };

  const fill = () => {
    const name = (request) => {
      const level = levelOf(request.findings);
      const so = trace.stacks.length > 1 ? `${trace.stacks[request.stack].split('/').pop()}: ` : '';
      const outcome = request.lost ? 'lost' : request.result ? request.result.status : '';
      return `${so}${request.name} – ${outcome}${level ? `, ${level}` : ''}`;
    };
    right.append(element('option', { value: '' }, 'nothing'));
    trace.requests.forEach((request, index) => {
      for (const list of [left, right]) list.append(element('option', { value: index }, name(request)));
    });
    const choice = firstChoice(trace);
    left.value = String(choice.left);
    right.value = choice.right < 0 ? '' : String(choice.right);
  };

  /* ---- keys ---- */

  const paneAt = (node) => panes.find((pane) => pane.root.contains(node)) || panes[0];

  const move = (event) => {
    const card = event.target.closest('.card');
    if (!card) return false;
    const pane = paneAt(card);
    const all = cards(pane);
    const at = all.indexOf(card);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return false;
    if (all[to]) {
      select(pane, all[to]);
      all[to].focus();
    }
    return true;
  };

  const nextFinding = (way) => {
    const all = panes.flatMap((pane) => [...new Set(pane.request.findings.map((finding) => finding.hop))].filter((hop) => hop !== null).map((hop) => ({ pane, hop })));
    const here = document.activeElement && document.activeElement.closest('.card');
    const at = here ? all.findIndex(({ pane, hop }) => pane.root.contains(here) && hop === Number(here.dataset.hop)) : -1;
    const to = at < 0 ? (way > 0 ? 0 : all.length - 1) : (at + way + all.length) % all.length;
    if (all[to]) goTo(all[to].pane, all[to].hop);
  };

  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const writing = event.target === filter;
    if (writing && event.key === 'Escape') {
      filter.value = '';
      applyFilter();
    } else if (writing || event.target.closest('select')) {
      return;
    } else if (event.key === '/') {
      filter.focus();
      filter.select();
    } else if (event.key === 'n' || event.key === 'p') {
      nextFinding(event.key === 'n' ? 1 : -1);
    } else if (!move(event)) {
      return;
    }
    event.preventDefault();
  };

  const onClick = (event) => {
    const card = event.target.closest('.card');
    const go = event.target.closest('[data-go]');
    if (card) select(paneAt(card), card);
    else if (go) goTo(paneAt(go), Number(go.dataset.go));
  };

  /* On paper nothing can be unfolded. */
  const unfold = () => {
    for (const folded of document.querySelectorAll('details')) folded.open = true;
  };

  fill();
  draw();
  left.addEventListener('change', draw);
  right.addEventListener('change', draw);
  filter.addEventListener('input', applyFilter);
  document.addEventListener('keydown', onKey);
  document.addEventListener('click', onClick);
  window.addEventListener('beforeprint', unfold);
})();
