// SPDX-License-Identifier: GPL-3.0-or-later
// The page: asks the daemon every two seconds while somebody looks, and shows what it says.
//
// Whatever comes from the daemon may have come from a stranger before: it becomes text, never markup.

import {ago, clip, clock, count, rate, span} from './text.js';
import {Chart, drawMachine} from './draw.js';

const POLL_MS = 2000;
const PATIENCE_MS = 5000;
const WINDOW_MS = 300000;
const GAP_MS = 3 * POLL_MS;
const PROJECTS_MAX = 200;
const LINES_MAX = 100;
const MOVES_MAX = 12;

const $ = id => document.getElementById(id);

// ---- talking ----

// {status, body, skew}: `skew` is how far the daemon's clock is ahead of ours, in milliseconds.
async function ask(path, options = {}) {
    const reply = await fetch(path, {
        cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(PATIENCE_MS), ...options,
    });
    const text = await reply.text();
    const date = Date.parse(reply.headers.get('Date') ?? '');
    let body = null;
    try {
        body = JSON.parse(text);
    } catch {
        body = {detail: clip(text) || reply.statusText};
    }
    return {status: reply.status, body, skew: Number.isNaN(date) ? 0 : date - Date.now()};
}

// What is for all is asked without the token, so that a wrong one does not take the page away.
function post(path, value) {
    const token = $('token').value.trim();
    const options = {method: 'POST', headers: {}};
    if (token)
        options.headers.Authorization = `Bearer ${token}`;
    if (value !== undefined) {
        options.headers['Content-Type'] = 'application/json';
        options.body = JSON.stringify(value);
    }
    return ask(path, options);
}

const projectList = {jsonrpc: '2.0', id: 1, method: 'project.list', params: {}};

// ---- showing ----

// Only what changed is touched, so that nothing is announced twice and a selection stays.
function say(node, text) {
    if (node.textContent !== text)
        node.textContent = text;
}

function show(node, visible) {
    node.hidden = !visible;
}

// A node with one span, or other element, for each class name.
function row(tag, ...cells) {
    const node = document.createElement(tag);
    for (const cell of cells) {
        const [name, kind = 'span'] = cell.split(':');
        const child = document.createElement(kind);
        child.className = name;
        node.append(child);
    }
    return node;
}

// As many children as items: made where they are missing, then brought up to date.
function fill(parent, items, create, update) {
    while (parent.children.length > items.length)
        parent.lastElementChild.remove();
    while (parent.children.length < items.length)
        parent.append(create());
    items.forEach((item, index) => update(parent.children[index], item));
}

const list = value => Array.isArray(value) ? value : [];

// ---- health ----

function showCheck(node, [name, check]) {
    const [mark, title, verdict, times] = node.children;
    const ran = Number.isFinite(check.last_ms);
    node.dataset.ok = Boolean(check.ok);
    node.dataset.ran = ran;
    say(mark, !ran ? '·' : check.ok ? '✓' : '✕');
    say(title, clip(name, 40));
    say(verdict, clip(check.reason) || (!ran ? 'has not run yet' : check.ok ? 'ok' : 'failed'));
    say(times, ran ? `${ago(check.last_ms)}, took ${count(check.took_ms)} ms` : '');
}

function markCell() {
    const node = row('li', 'mark', 'check-name', 'verdict', 'muted small times');
    node.firstElementChild.setAttribute('aria-hidden', 'true');
    return node;
}

function showBadge(state, phase) {
    const name = clip(state, 40);
    $('badge').dataset.state = name;
    say($('state'), phase ? `${name} · ${clip(phase, 40)}` : name);
    document.title = `${name} · goxel-daemon`;
}

// 503 is an answer too: with the state in it, unless the daemon had no room to look at the request.
function showHealth({status, body}) {
    if (!body.state) {
        say($('healthy'), `No word on health: ${clip(body.detail ?? `status ${status}`)}`);
        $('healthy').dataset.ok = false;
        return;
    }
    const checks = Object.entries(body.checks ?? {});
    const bad = checks.filter(([, check]) => !check.ok).length;
    showBadge(body.state, body.phase);
    say($('version'), `version ${clip(body.version, 40)}`);
    say($('uptime'), `· up ${span(body.uptime_s)}`);
    say($('healthy'), body.healthy ? 'All checks pass.' :
        `Not healthy: ${bad} of ${checks.length} checks ${bad === 1 ? 'fails' : 'fail'}.`);
    $('healthy').dataset.ok = Boolean(body.healthy);
    fill($('checks'), checks.slice(0, LINES_MAX), markCell, showCheck);
    showPending(list(body.pending_restart));
}

function pendingText(item) {
    if (typeof item === 'string')
        return clip(item);
    return clip(item.option ?? item.name ?? '?') + (item.level ? ` (${clip(item.level, 40)})` : '');
}

function showPending(items) {
    fill($('pending'), items.slice(0, LINES_MAX), () => document.createElement('li'),
        (node, item) => say(node, pendingText(item)));
    show($('no-pending'), !items.length);
}

// ---- state ----

function showTrigger(trigger = {}) {
    const from = trigger.peer || (trigger.pid ? `pid ${trigger.pid}` : '');
    return clip(trigger.what || trigger.type, 80) + (from ? ` from ${clip(from, 80)}` : '');
}

// Figures are asked for all the time, by this page too: they are no news.
const isNews = request => request.request !== 'dump';

function moveRow() {
    return row('li', 'what', 'when muted small', 'trigger muted small', 'outcome small', 'trail small', 'reason small muted');
}

function showMove(node, item, now) {
    const [what, when, trigger, outcome, trail, reason] = node.children;
    node.dataset.ok = item.outcome === 'ok';
    say(what, clip(item.request, 40) + (item.count > 1 ? ` ×${count(item.count)}` : ''));
    say(when, ago(now - Date.parse(item.at)));
    say(trigger, showTrigger(item.trigger));
    say(outcome, clip(item.outcome, 60));
    say(trail, clip(item.moves, 80).replaceAll('>', ' → '));
    say(reason, clip(item.reason ?? ''));
}

let machineShown = '';
let levelShown = '';

// The list follows the daemon's level, but does not take back what somebody has chosen and not yet set.
function showCurrentLevel(level) {
    if (!level || level === levelShown)
        return;
    levelShown = level;
    $('level').value = level;
}

function showState({body, skew}) {
    if (!body.state)
        return;
    const now = Date.now() + skew;
    const drawing = JSON.stringify([body.state, body.transitions]);
    const moves = list(body.requests).filter(isNews).slice(-MOVES_MAX).reverse();

    if (drawing !== machineShown) {
        drawMachine($('machine'), list(body.transitions), body.state);
        machineShown = drawing;
    }
    say($('since'), `${clip(body.state, 40)} since ${clock(new Date(body.since))}, ` +
        `for ${span((now - Date.parse(body.since)) / 1000)}`);
    fill($('moves'), moves, moveRow, (node, item) => showMove(node, item, now));
    show($('no-moves'), !moves.length);
    showCurrentLevel(body.log_level);
}

// ---- figures ----

const chart = (id, title, unit, format, least) =>
    new Chart($('charts'), {id, title, unit, format, least, windowMs: WINDOW_MS, gapMs: GAP_MS});
const charts = {
    queue: chart('chart-queue', 'Queue length', '', count, 4),
    busy: chart('chart-busy', 'Busy workers', '', count, 1),
    rate: chart('chart-rate', 'Requests', ' /s', rate, 5),
};

let before = null; // {at, requests}

function figure(stats, name) {
    const samples = list(stats[name]?.samples).filter(sample => !sample.suffix);
    return samples.length ? samples.reduce((sum, sample) => sum + Number(sample.value), 0) : null;
}

function showFigures(stats) {
    const at = Date.now();
    const requests = stats && figure(stats, 'goxel_http_requests_total');
    const capacity = stats && figure(stats, 'goxel_queue_capacity');
    const workers = stats && figure(stats, 'goxel_workers');
    // A counter that went back belongs to a daemon that was started anew.
    const comparable = before && requests !== null && requests >= before.requests && at - before.at <= GAP_MS;

    charts.queue.add(at, stats && figure(stats, 'goxel_queue_length'), capacity ? ` · room for ${count(capacity)}` : '');
    charts.busy.add(at, stats && figure(stats, 'goxel_workers_busy'), workers ? ` of ${count(workers)}` : '');
    charts.rate.add(at, comparable ? (requests - before.requests) * 1000 / (at - before.at) : null);
    before = requests === null ? null : {at, requests};
}

// ---- projects ----

function projectRow() {
    const node = row('tr', 'project-name:td', 'id:td', 'number:td', 'number:td', 'marks:td');
    // A name may turn the direction of writing: it keeps that to itself.
    node.firstElementChild.append(document.createElement('bdi'));
    return node;
}

function showProject(node, project) {
    const [name, id, layers, voxels, marks] = node.children;
    const words = [['is_current', 'current'], ['is_modified', 'modified'], ['read_only', 'read-only'], ['damaged', 'damaged']];
    say(name.firstElementChild, clip(project.name));
    name.title = clip(project.path ?? '');
    say(id, clip(project.project_id, 80));
    say(layers, count(Number(project.layers)));
    say(voxels, count(Number(project.total_voxels)));
    say(marks, words.filter(([key]) => project[key]).map(([, word]) => word).join(', '));
    node.dataset.current = Boolean(project.is_current);
}

function showProjects({status, body}) {
    const projects = list(body.result?.projects);
    const shown = projects.slice(0, PROJECTS_MAX);
    const failed = body.error?.message ?? body.detail ?? (body.result ? '' : `status ${status}`);
    if (failed) {
        say($('no-projects'), `The list cannot be had: ${clip(failed)}`);
        show($('no-projects'), true);
        return;
    }
    fill($('projects'), shown, projectRow, showProject);
    say($('project-count'), count(projects.length));
    say($('no-projects'), projects.length ? `and ${count(projects.length - shown.length)} more` : 'none');
    show($('no-projects'), !projects.length || shown.length < projects.length);
}

// ---- what the buttons do ----

function lines(parent, title, items, kind) {
    if (!items.length)
        return;
    const head = document.createElement('p');
    const block = document.createElement('ul');
    head.textContent = title;
    head.className = kind;
    for (const item of items.slice(0, LINES_MAX)) {
        const line = document.createElement('li');
        line.textContent = pendingText(item);
        block.append(line);
    }
    parent.append(head, block);
}

function showReport(parent, {status, body}) {
    const applied = list(body.applied), errors = list(body.errors), pending = list(body.pending_restart);
    parent.replaceChildren();
    if (!body.errors && !body.applied) {
        lines(parent, 'Refused:', [body.detail ?? body.title ?? `status ${status}`], 'bad');
        return;
    }
    lines(parent, errors.length === 1 ? 'An error; nothing was changed:' : 'Errors; nothing was changed:', errors, 'bad');
    lines(parent, 'Applied:', applied, 'good');
    lines(parent, 'Waiting for a restart:', pending, 'warn');
    if (!applied.length && !errors.length && !pending.length) {
        const word = document.createElement('p');
        word.className = 'good';
        word.textContent = 'Read again; nothing has changed.';
        parent.append(word);
    }
}

function showLevel(parent, {status, body}) {
    const word = document.createElement('p');
    word.className = status === 200 ? 'good' : 'bad';
    word.textContent = status === 200 ? `The level is ${clip(body.level, 40)}.` :
        `Refused: ${clip(body.detail ?? `status ${status}`)}`;
    parent.replaceChildren(word);
    if (status === 200)
        showCurrentLevel(body.level);
}

// One press at a time; what came of it is told below the button.
function onPress(button, report, act, tell) {
    button.addEventListener('click', async () => {
        if (button.getAttribute('aria-disabled') === 'true')
            return;
        button.setAttribute('aria-disabled', 'true');
        try {
            tell(report, await act());
        } catch {
            tell(report, {status: 0, body: {detail: 'no answer from the daemon'}});
        }
        button.removeAttribute('aria-disabled');
        poll();
    });
}

onPress($('reload'), $('reload-report'), () => post('reload'), showReport);
onPress($('set-level'), $('level-report'), () => post('log-level', {level: $('level').value}), showLevel);

// ---- the round ----

let lostAt = null;

function showConnection(reached) {
    if (reached && !lostAt)
        return;
    if (reached) {
        lostAt = null;
    } else {
        lostAt ??= new Date();
        showBadge('UNREACHABLE');
    }
    document.body.classList.toggle('stale', !reached);
    say($('banner'), reached ? '' : `The daemon is not reachable since ${clock(lostAt)}. ` +
        'What is shown below is the last that was heard; this page goes on trying.');
    show($('banner'), !reached);
}

const parts = [
    [() => ask('health'), showHealth],
    [() => ask('state'), showState],
    [() => ask('stats', {headers: {Accept: 'application/json'}}), ({body}) => showFigures(body)],
    [() => post('rpc', projectList), showProjects],
];

// What one part cannot make sense of is no reason to stop the others, or the next round.
function showPart(part, reply) {
    try {
        part(reply);
    } catch (error) {
        console.error(error);
    }
}

let timer = 0, polling = false;

async function poll() {
    if (polling)
        return;
    polling = true;
    clearTimeout(timer);
    const replies = await Promise.allSettled(parts.map(([fetchPart]) => fetchPart()));
    const reached = replies.some(reply => reply.status === 'fulfilled');
    showConnection(reached);
    replies.forEach((reply, index) => {
        if (reply.status === 'fulfilled')
            showPart(parts[index][1], reply.value);
    });
    if (replies[2].status === 'rejected')
        showFigures(null);
    polling = false;
    if (!document.hidden)
        timer = setTimeout(poll, POLL_MS);
}

// Nobody looks: nobody asks.
document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (!document.hidden)
        poll();
});

poll();
