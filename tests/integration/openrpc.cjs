// SPDX-License-Identifier: GPL-3.0-or-later
// For openrpc.sh: node openrpc.cjs DOCUMENT PORT, beside node_modules. One line for each finding: ok|not, name, what came.
const fs = require('fs');
const http = require('http');
const Ajv = require('ajv');
const jayson = require('jayson/promise');
const { JSONRPCClient } = require('json-rpc-2.0');
const { parseOpenRPCDocument, validateOpenRPCDocument, MethodCallValidator } = require('@open-rpc/schema-utils-js');

const text = fs.readFileSync(process.argv[2], 'utf8');
const port = Number(process.argv[3]);

function found(good, name, got = '') {
    console.log([good ? 'ok' : 'not', name, String(got).replace(/\s+/g, ' ').slice(0, 500)].join('\t'));
}
function same(name, wanted, got) {
    found(JSON.stringify(wanted) === JSON.stringify(got), name, `wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`);
}

// ---- two clients ----

const first = jayson.Client.http({ host: '127.0.0.1', port, path: '/rpc' });
async function call(method, params) {
    const reply = await first.request(method, params);
    if (reply.error) throw new Error(`${method}: ${JSON.stringify(reply.error)}`);
    return reply.result;
}

function post(body) {
    return new Promise((resolve, reject) => {
        const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
        const request = http.request({ host: '127.0.0.1', port, path: '/rpc', method: 'POST', headers }, (reply) => {
            let came = '';
            reply.on('data', (piece) => { came += piece; });
            reply.on('end', () => resolve({ status: reply.statusCode, body: came }));
        });
        request.on('error', reject);
        request.end(body);
    });
}
let sent; // what was sent last: a notification returns before it has arrived
const second = new JSONRPCClient(async (message) => {
    sent = post(JSON.stringify(message));
    const reply = await sent;
    if (reply.status === 200) second.receive(JSON.parse(reply.body));
    else if (reply.status !== 204) throw new Error(`status ${reply.status}`);
});

// ---- the document ----

async function checkDocument() {
    const document = await parseOpenRPCDocument(text);
    const verdict = validateOpenRPCDocument(document);
    found(verdict === true, 'the document is valid OpenRPC', verdict && verdict.message);
    return document;
}

// A validator of one schema among those of the document; formats and keywords of OpenRPC's own do not matter here.
function validator(schema) {
    return new Ajv({ strict: false, allErrors: true }).compile(schema);
}

function checkExamples(document) {
    const validate = new MethodCallValidator(document);
    for (const method of document.methods) {
        const [example] = method.examples || [];
        if (!example) continue;
        const params = Object.fromEntries(example.params.map(({ name, value }) => [name, value]));
        const errors = validate.validate(method.name, params);
        found(Array.isArray(errors) && errors.length === 0, `${method.name}: the schemas take its example`, JSON.stringify(errors));
        const result = validator(method.result.schema);
        found(result(example.result.value), `${method.name}: the schema takes its answer`, JSON.stringify(result.errors));
    }
    const refuses = (method, params) => {
        const errors = validate.validate(method, params);
        found(Array.isArray(errors) && errors.length > 0, `the schemas refuse ${method} ${JSON.stringify(params)}`);
    };
    refuses('voxel.add', { x: 1048576, y: 0, z: 0, color: [1, 2, 3] });
    refuses('voxel.add', { x: 1.5, y: 0, z: 0, color: [1, 2, 3] });
    refuses('voxel.add', { x: 1, y: 0, z: 0, color: 'red' });
    refuses('voxel.add', { x: 1, y: 0, z: 0 });
    refuses('voxel.clear', { scope: 'everything' });
    refuses('layer.create', { opacity: 2 });
    refuses('voxel.query', { filter: { colour: '#ffffff' } });
}

// ---- what the daemon answers ----

// The project that the examples are about.
async function buildWorld() {
    for (const { project_id: project } of (await call('project.list', {})).projects) await call('project.delete', { project });
    await call('project.create', ['castle']);
    await call('layer.create', ['roof']);
    await call('voxel.add', { x: 0, y: 0, z: 0, color: '#ff0000', layer_id: 1 });
    await call('voxel.add', { x: 0, y: 0, z: 9, color: '#0000ff' });
    await call('project.undo', {});
    await call('project.save', { path: 'castle.gox' });
    await call('project.backup', { path: 'castle.goxb' });
}

async function checkAnswers(document) {
    const left = ['system.shutdown', 'system.restart', 'system.authenticate']; // no more daemon, and a token that nobody has
    for (const method of document.methods) {
        const [example] = method.examples || [];
        if (!example || left.includes(method.name)) continue;
        await buildWorld();
        const params = Object.fromEntries(example.params.map(({ name, value }) => [name, value]));
        const { result, error } = await first.request(method.name, params);
        // Not over HTTP, as the document says.
        if (error && error.code === -1017 && (method.errors || []).some(({ code }) => code === -1017)) {
            found(true, `${method.name}: is for another transport`);
            continue;
        }
        if (error) {
            found(false, `${method.name}: its example is accepted`, JSON.stringify(error));
            continue;
        }
        const valid = validator(method.result.schema);
        found(valid(result), `${method.name}: what it answers is what the document says`, JSON.stringify(valid.errors || result));
    }
}

// ---- clients that are not ours ----

async function checkFirst() {
    await buildWorld();
    same('jayson: by name', 5, (await call('system.ping', { timestamp: 5 })).timestamp);
    same('jayson: by position', [1, 2, 3, 255], (await call('voxel.add', [1, 2, 3, [1, 2, 3]])).color);
    const { error } = await first.request('voxel.add', { x: 1, y: 2, z: 3 });
    same('jayson: an error', [-32602, 'color'], [error.code, error.data.field]);
    const batch = await first.request([
        first.request('voxel.get', [1, 2, 3], undefined, false), first.request('no.such', {}, undefined, false)]);
    same('jayson: a batch', [true, -32601], [batch[0].result.exists, batch[1].error.code]);
    await first.request('voxel.remove', { x: 1, y: 2, z: 3 }, null);
    same('jayson: a notification', false, (await call('voxel.get', [1, 2, 3])).exists);
}

async function checkSecond() {
    await buildWorld();
    same('json-rpc-2.0: by name', 5, (await second.request('system.ping', { timestamp: 5 })).timestamp);
    same('json-rpc-2.0: by position', true, (await second.request('voxel.get', [0, 0, 0, 1])).exists);
    await second.request('voxel.add', { x: 1 }).then(
        () => found(false, 'json-rpc-2.0: an error'), (error) => same('json-rpc-2.0: an error', -32602, error.code));
    const batch = await second.requestAdvanced([
        { jsonrpc: '2.0', id: 'a', method: 'voxel.get', params: [0, 0, 0, 1] }, { jsonrpc: '2.0', id: 'b', method: 'no.such' }]);
    same('json-rpc-2.0: a batch', ['a', 'b', -32601], [...batch.map(({ id }) => id), batch[1].error.code]);
    second.notify('voxel.remove', { x: 0, y: 0, z: 0, layer_id: 1 });
    await sent;
    same('json-rpc-2.0: a notification', false, (await second.request('voxel.get', [0, 0, 0, 1])).exists);
    const told = await second.request('rpc.discover');
    same('json-rpc-2.0: rpc.discover', JSON.parse(text).methods.length, told.methods.length);
}

async function main() {
    const document = await checkDocument();
    checkExamples(document);
    await checkAnswers(document);
    await checkFirst();
    await checkSecond();
}
main().catch((error) => { console.error(error); process.exitCode = 1; });
