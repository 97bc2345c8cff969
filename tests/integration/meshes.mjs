// SPDX-License-Identifier: GPL-3.0-or-later
// For meshes.sh: node meshes.mjs FOLDER, beside node_modules. FOLDER has NAME.json, what is expected of the model NAME, and NAME.EXT of each
// format. One line for each finding: ok|not, name, what came.
import fs from 'node:fs';
import path from 'node:path';
import validator from 'gltf-validator';
import { DOMParser } from 'linkedom';
import { Color, Vector3 } from 'three';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import { OBJLoader } from 'three/addons/loaders/OBJLoader.js';
import { PLYLoader } from 'three/addons/loaders/PLYLoader.js';
import { STLLoader } from 'three/addons/loaders/STLLoader.js';
import { ThreeMFLoader } from 'three/addons/loaders/3MFLoader.js';

// What browsers have, and three asks for. Their selectors find names whatever the prefix is, linkedom's do not.
globalThis.DOMParser = class {
    parseFromString(text, type) { return new DOMParser().parseFromString(text.replace(/<(\/?)m:/g, '<$1'), type); }
};
globalThis.self = globalThis;
globalThis.ProgressEvent = class extends Event {
    constructor(type, init) { super(type); Object.assign(this, init); }
};

const folder = process.argv[2];
const complaints = [];
for (const level of ['warn', 'error']) console[level] = (...what) => complaints.push(what.join(' '));

function found(good, name, got = '') {
    console.log([good ? 'ok' : 'not', name, String(got).replace(/\s+/g, ' ').slice(0, 500)].join('\t'));
}
function same(name, wanted, got) {
    found(JSON.stringify(wanted) === JSON.stringify(got), name, `wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`);
}

// ---- what three loads ----

const whole = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const parse_gltf = (bytes) => new Promise((resolve, reject) => {
    new GLTFLoader().parse(whole(bytes), '', (gltf) => resolve(gltf.scene), reject);
});
const loaders = {
    obj: { up: 'y', load: (bytes) => new OBJLoader().parse(bytes.toString('utf8')), names: true, alpha: false },
    // Of bytes it makes linear bytes: what is left of them is compared.
    ply: { up: 'z', load: (bytes) => ({ geometry: new PLYLoader().parse(whole(bytes)) }), alpha: false, linear: true },
    stl: { up: 'z', load: (bytes) => ({ geometry: new STLLoader().parse(whole(bytes)) }), colors: false, closed: true },
    glb: { up: 'y', load: parse_gltf, names: true, alpha: true },
    gltf: { up: 'y', load: parse_gltf, names: true, alpha: true },
    '3mf': { up: 'z', load: (bytes) => new ThreeMFLoader().parse(whole(bytes)), corner: true, closed: true, alpha: false },
};

// Meshes as triangles in our axes: [three corners, colour of the first one].
function* triangles_of(root, up, linear) {
    const meshes = [];
    if (root.geometry) meshes.push(root);
    else {
        root.updateMatrixWorld(true);
        root.traverse((node) => { if (node.isMesh) meshes.push(node); });
    }
    for (const mesh of meshes) {
        const { position, color } = mesh.geometry.attributes, index = mesh.geometry.index;
        const count = index ? index.count : position.count;
        for (let i = 0; i < count; i += 3) {
            const corners = [], at = [0, 1, 2].map((k) => (index ? index.getX(i + k) : i + k));
            for (const k of at) {
                const p = new Vector3().fromBufferAttribute(position, k);
                if (mesh.matrixWorld) p.applyMatrix4(mesh.matrixWorld);
                corners.push(up === 'y' ? [p.x, -p.z, p.y] : [p.x, p.y, p.z]);
            }
            let text = 'none';
            if (color) {
                const rgb = new Color(color.getX(at[0]), color.getY(at[0]), color.getZ(at[0]));
                if (!linear) rgb.convertLinearToSRGB();
                const parts = [rgb.r, rgb.g, rgb.b, color.itemSize === 4 ? color.getW(at[0]) : 1];
                text = parts.map((part) => Math.round(part * 255)).join(',');
            }
            yield [corners, text];
        }
    }
}

function measure(root, up, linear) {
    const sums = { min: [Infinity, Infinity, Infinity], max: [-Infinity, -Infinity, -Infinity], volume: 0, area: 0, areas: {}, flat: 0 };
    for (const [[a, b, c], color] of triangles_of(root, up, linear)) {
        for (const p of [a, b, c]) {
            for (let k = 0; k < 3; k++) {
                sums.min[k] = Math.min(sums.min[k], p[k]);
                sums.max[k] = Math.max(sums.max[k], p[k]);
            }
        }
        const u = b.map((v, k) => v - a[k]), v = c.map((w, k) => w - a[k]);
        const cross = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
        const area = Math.hypot(...cross) / 2;
        sums.area += area;
        sums.areas[color] = (sums.areas[color] ?? 0) + area;
        sums.flat += area < 1e-9;
        sums.volume += (a[0] * cross[0] + a[1] * cross[1] + a[2] * cross[2]) / 6;
    }
    return sums;
}

// Colours as they come: without alpha where the format, or who reads it, has none. Areas of equal ones add up.
function areas_of(areas, alpha, to_linear) {
    const sums = {};
    for (const [color, area] of Object.entries(areas)) {
        let parts = color.split(',').slice(0, alpha ? 4 : 3).map(Number);
        if (to_linear) parts = new Color(...parts.map((part) => part / 255)).convertSRGBToLinear().toArray().map((part) => Math.round(part * 255));
        const key = parts.join(',');
        sums[key] = (sums[key] ?? 0) + area;
    }
    return Object.entries(sums).map(([color, area]) => `${color}: ${Math.round(area * 1000) / 1000}`).sort();
}

function names_of(root) {
    const names = [];
    for (const child of root.children) names.push(child.userData.name ?? child.name);
    return names;
}

async function judge(name, extension) {
    const wanted = JSON.parse(fs.readFileSync(path.join(folder, `${name}.json`)));
    const { up, load, corner, closed, names, alpha, colors, linear } = loaders[extension];
    const what = `${name}.${extension}`, moved = corner ? wanted.min : [0, 0, 0];
    const root = await load(fs.readFileSync(path.join(folder, what)));
    const got = measure(root, up, linear);

    same(`${what} in three: its smallest corner`, wanted.min.map((v, k) => v - moved[k]), got.min);
    same(`${what} in three: its largest corner`, wanted.max.map((v, k) => v - moved[k]), got.max);
    same(`${what} in three: no triangle without area`, 0, got.flat);
    if (!wanted.translucent || closed) {
        same(`${what} in three: encloses as much as there are voxels`, wanted.voxels, Math.round(got.volume * 1e4) / 1e4);
    }
    if (!wanted.translucent) same(`${what} in three: the area of what can be seen`, wanted.area, Math.round(got.area * 1e4) / 1e4);
    if (colors !== false && !(wanted.translucent && !alpha)) {
        same(`${what} in three: and of each colour`, areas_of(wanted.areas, alpha, linear), areas_of(got.areas, alpha));
    }
    if (names) same(`${what} in three: an object a layer`, wanted.layers, names_of(root));
}

// ---- what Khronos says ----

async function validate(name, extension) {
    const bytes = new Uint8Array(fs.readFileSync(path.join(folder, `${name}.${extension}`)));
    const { issues } = await validator.validateBytes(bytes, { maxIssues: 20 });

    same(`${name}.${extension} is valid without errors and warnings`, [0, 0], [issues.numErrors, issues.numWarnings]);
    if (issues.messages.length) found(issues.numErrors + issues.numWarnings === 0, `${name}.${extension}: remarks`, JSON.stringify(issues.messages));
}

for (const file of fs.readdirSync(folder).filter((entry) => entry.endsWith('.json')).sort()) {
    const name = path.basename(file, '.json');

    for (const extension of ['glb', 'gltf']) await validate(name, extension);
    if (JSON.parse(fs.readFileSync(path.join(folder, file))).voxels === 0) continue;
    for (const extension of Object.keys(loaders)) {
        try {
            await judge(name, extension);
        } catch (error) {
            found(false, `${name}.${extension} in three`, error.stack);
        }
    }
}
same('three complains about nothing', [], complaints);
