// SPDX-License-Identifier: GPL-3.0-or-later
// The drawings: the state machine, and lines of figures over time.

const SVG = 'http://www.w3.org/2000/svg';

function make(name, attributes, ...children) {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes))
        node.setAttribute(key, value);
    node.append(...children);
    return node;
}

// ---- the state machine ----

// Where the states stand, in units of the viewBox; the moves are whatever the daemon says they are.
const WIDTH = 118, HEIGHT = 38;
const places = {
    STARTING: [64, 30], RUNNING: [250, 30], RELOADING: [436, 30],
    STOPPED: [64, 200], STOPPING: [250, 200], ERROR: [436, 200],
};
const ROWS_MAX = 64;
const ASIDE = 5; // two moves between the same states run side by side
const HEAD = 8;  // length of an arrow's head

// Where the line from a state's middle in the direction (dx, dy) leaves its box, beginning `aside` of the middle.
function edgeOf([x, y], [dx, dy], [ax, ay]) {
    const room = [dx > 0 ? WIDTH / 2 - ax : WIDTH / 2 + ax, dy > 0 ? HEIGHT / 2 - ay : HEIGHT / 2 + ay];
    const reach = Math.min(dx ? room[0] / Math.abs(dx) : Infinity, dy ? room[1] / Math.abs(dy) : Infinity);
    return [x + ax + dx * reach, y + ay + dy * reach];
}

function drawMove(from, to, paired, classes) {
    const [x1, y1] = places[from], [x2, y2] = places[to];
    const length = Math.hypot(x2 - x1, y2 - y1);
    const dir = [(x2 - x1) / length, (y2 - y1) / length];
    const aside = paired ? [-dir[1] * ASIDE, dir[0] * ASIDE] : [0, 0];
    const start = edgeOf([x1, y1], dir, aside);
    const tip = edgeOf([x2, y2], [-dir[0], -dir[1]], aside);
    tip[0] -= dir[0] * 2;
    tip[1] -= dir[1] * 2;
    const neck = [tip[0] - dir[0] * HEAD, tip[1] - dir[1] * HEAD];
    const wing = [-dir[1] * HEAD / 2, dir[0] * HEAD / 2];
    const points = [tip, [neck[0] + wing[0], neck[1] + wing[1]], [neck[0] - wing[0], neck[1] - wing[1]]];
    return make('g', {class: `move ${classes}`, 'data-from': from, 'data-to': to},
        make('line', {x1: start[0], y1: start[1], x2: neck[0], y2: neck[1]}),
        make('polygon', {points: points.map(point => point.join(',')).join(' ')}));
}

function drawState(name, current) {
    const [x, y] = places[name];
    const attributes = {class: 'state', 'data-state': name};
    if (current)
        attributes['aria-current'] = 'true';
    return make('g', attributes,
        make('rect', {x: x - WIDTH / 2, y: y - HEIGHT / 2, width: WIDTH, height: HEIGHT, rx: 10}),
        make('text', {x, y: y + 4.5, 'text-anchor': 'middle'}, name));
}

// `rows` are {from, to}; `state` is the current one.
export function drawMachine(svg, rows, state) {
    const known = rows.slice(0, ROWS_MAX).filter(row => places[row.from] && places[row.to] && row.from !== row.to);
    const paired = row => known.some(other => other.from === row.to && other.to === row.from);
    const onward = known.filter(row => row.from === state);
    const moves = known.map(row => drawMove(row.from, row.to, paired(row), row.from === state ? 'open' : ''));

    // What can happen now lies on top.
    moves.sort((a, b) => a.classList.contains('open') - b.classList.contains('open'));
    svg.replaceChildren(...moves, ...Object.keys(places).map(name => drawState(name, name === state)));
    svg.setAttribute('aria-label', `The state machine. The daemon is ${state}` +
        (onward.length ? `; from here it can go to ${onward.map(row => row.to).join(', ')}.` : '.'));
}

// ---- figures over time ----

const CHART_WIDTH = 300, CHART_HEIGHT = 64;

// One figure: samples of the last `windowMs`, drawn as a line that is broken where samples are missing.
export class Chart {
    constructor(parent, {id, title, unit, format, windowMs, gapMs, least}) {
        Object.assign(this, {title, unit, format, windowMs, gapMs, least, samples: []});
        this.value = document.createElement('span');
        this.value.className = 'value';
        this.peak = document.createElement('span');
        this.peak.className = 'muted small';
        this.area = make('path', {class: 'area'});
        this.line = make('path', {class: 'line', 'vector-effect': 'non-scaling-stroke'});
        this.svg = make('svg', {
            id, role: 'img', viewBox: `0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`, preserveAspectRatio: 'none',
        }, this.area, this.line);
        const name = document.createElement('span');
        name.textContent = title;
        const caption = document.createElement('figcaption');
        caption.append(name, this.value);
        const figure = document.createElement('figure');
        figure.append(caption, this.svg, this.peak);
        parent.append(figure);
    }

    // `value` null: nothing is known about that moment.
    add(at, value, note = '') {
        this.samples.push({at, value});
        while (this.samples[0].at < at - this.windowMs - this.gapMs)
            this.samples.shift();
        this.draw(at, note);
    }

    draw(now, note) {
        const values = this.samples.map(sample => sample.value).filter(value => value !== null);
        const last = this.samples[this.samples.length - 1].value;
        const highest = values.length ? Math.max(...values) : 0;
        const top = Math.max(highest, this.least) * 1.1;
        const x = at => (CHART_WIDTH * (1 - (now - at) / this.windowMs)).toFixed(1);
        const y = value => (CHART_HEIGHT - 2 - (CHART_HEIGHT - 4) * value / top).toFixed(1);
        const pieces = this.pieces();

        this.line.setAttribute('d', pieces.map(piece => 'M' + piece.map(
            sample => `${x(sample.at)} ${y(sample.value)}`).join('L')).join(''));
        this.area.setAttribute('d', pieces.map(piece => `M${x(piece[0].at)} ${CHART_HEIGHT}L` + piece.map(
            sample => `${x(sample.at)} ${y(sample.value)}`).join('L') +
            `L${x(piece[piece.length - 1].at)} ${CHART_HEIGHT}Z`).join(''));
        this.svg.dataset.points = values.length;
        this.value.textContent = last === null ? '–' : `${this.format(last)}${this.unit}`;
        this.peak.textContent = `highest ${this.format(highest)}${this.unit}${note}`;
        this.svg.setAttribute('aria-label', `${this.title}: ${this.value.textContent}, ${this.peak.textContent}`);
    }

    pieces() {
        const pieces = [];
        let before = null;
        for (const sample of this.samples) {
            if (sample.value === null) {
                before = null;
                continue;
            }
            if (!before || sample.at - before.at > this.gapMs)
                pieces.push([]);
            pieces[pieces.length - 1].push(sample);
            before = sample;
        }
        return pieces;
    }
}
