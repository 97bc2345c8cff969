// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and times as people read them.

const whole = new Intl.NumberFormat('en-GB', {maximumFractionDigits: 0});
const fine = new Intl.NumberFormat('en-GB', {maximumFractionDigits: 1});

// 1234567 -> "1,234,567"; what is no number -> a dash.
export function count(value) {
    return Number.isFinite(value) ? whole.format(value) : '–';
}

// A rate: "0.4", "12", "3,400"
export function rate(value) {
    if (!Number.isFinite(value))
        return '–';
    return (value < 10 ? fine : whole).format(value);
}

const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];

// Seconds in the two largest units that matter: "3 d 4 h", "5 min 2 s", "0 s".
export function span(seconds) {
    const total = Math.max(0, Math.floor(Number(seconds) || 0));
    const at = units.findIndex(([, size]) => total >= size);
    if (at < 0)
        return '0 s';
    const [unit, size] = units[at];
    const first = `${whole.format(Math.floor(total / size))} ${unit}`;
    if (at + 1 === units.length)
        return first;
    const [nextUnit, nextSize] = units[at + 1];
    const rest = Math.floor(total % size / nextSize);
    return rest ? `${first} ${rest} ${nextUnit}` : first;
}

// Milliseconds since something: "just now", "12 s ago", "3 h ago".
export function ago(ms) {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    if (!(seconds >= 1))
        return 'just now';
    const [unit, size] = units.find(([, length]) => seconds >= length);
    return `${whole.format(Math.floor(seconds / size))} ${unit} ago`;
}

// "14:03:07", with the day if that was another one; in the reader's own time zone
export function clock(date) {
    const today = date.toDateString() === new Date().toDateString();
    return today ? date.toLocaleTimeString('en-GB') : date.toLocaleString('en-GB');
}

// Text of strangers at a length that leaves room for the rest.
export function clip(value, most = 300) {
    const text = String(value ?? '');
    return text.length > most ? `${text.slice(0, most)}…` : text;
}
