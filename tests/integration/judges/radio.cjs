// Give Zigbee2MQTT a radio network that lies in memory: `node --require radio.cjs .../zigbee2mqtt/index.js`.
//
// Only the adapter is replaced, which would speak to a stick on a serial port. What is sent to a device sets
// its attributes, and each command is told on stderr as a line "radio {...}". A line of JSON on stdin plays the
// devices: {"tell": {"nwk", "cluster", "attributes"}} lets one report, {"dead": nwk} takes its power.
"use strict";
const path = require("node:path");
const readline = require("node:readline");

const load = require("node:module").createRequire(path.resolve(process.argv[1]));
const herdsman = path.dirname(load.resolve("zigbee-herdsman/package.json"));
const {Adapter} = load(path.join(herdsman, "dist/adapter/adapter.js"));
const {Zcl} = load("zigbee-herdsman");

const ANSWERS = Zcl.Direction.SERVER_TO_CLIENT;
const FIRST = {
    genOnOff: {onOff: 0},
    genLevelCtrl: {currentLevel: 100},
    lightingColorCtrl: {colorMode: 2, colorTemperature: 370, currentX: 30000, currentY: 26000},
    closuresWindowCovering: {currentPositionLiftPercentage: 0},
    closuresDoorLock: {lockState: 1},
};
const WHAT_FOLLOWS = {
    on: () => ({onOff: 1}),
    off: () => ({onOff: 0}),
    moveToLevel: ({level}) => ({currentLevel: level}),
    moveToLevelWithOnOff: ({level}) => ({currentLevel: level}),
    moveToColorTemp: ({colortemp}) => ({colorMode: 2, colorTemperature: colortemp}),
    moveToColor: ({colorx, colory}) => ({colorMode: 1, currentX: colorx, currentY: colory}),
    upOpen: () => ({currentPositionLiftPercentage: 0}),
    downClose: () => ({currentPositionLiftPercentage: 100}),
    goToLiftPercentage: ({percentageliftvalue}) => ({currentPositionLiftPercentage: percentageliftvalue}),
    lockDoor: () => ({lockState: 1}),
    unlockDoor: () => ({lockState: 2}),
};

const general = (command, cluster, payload, number, made) =>
    Zcl.Frame.create(Zcl.FrameType.GLOBAL, ANSWERS, true, made, number, command, cluster, payload, {});

class Radio extends Adapter {
    held = new Map();
    dead = new Set();
    count = 0;

    attributes(nwk, cluster) {
        const key = `${nwk} ${cluster}`;
        if (!this.held.has(key)) this.held.set(key, {...FIRST[cluster]});
        return this.held.get(key);
    }

    received(nwk, endpoint, frame) {
        const data = frame.toBuffer();
        const header = Zcl.Header.fromBuffer(data);
        const about = {linkquality: 100, groupID: 0, wasBroadcast: false, destinationEndpoint: 1};
        return {clusterID: frame.cluster.ID, header, data, address: nwk, endpoint, ...about};
    }

    answer(nwk, endpoint, asked, command, payload) {
        const {manufacturerCode: made, transactionSequenceNumber: number} = asked.header;
        return this.received(nwk, endpoint, general(command, asked.cluster.ID, payload, number, made));
    }

    async sendZclFrameToEndpoint(_address, nwk, endpoint, frame, _timeout, silently) {
        if (this.dead.has(nwk)) throw new Error(`no answer from ${nwk}`);
        const attributes = this.attributes(nwk, frame.cluster.name);
        const named = (id) => Object.values(frame.cluster.attributes).find((one) => one.ID === id);
        const {name} = frame.command;
        if (!frame.header.isGlobal) {
            this.told({nwk, command: name, ...frame.payload});
            const follows = WHAT_FOLLOWS[name]?.(frame.payload);
            Object.assign(attributes, follows);
            // what has to move says by itself that it has
            if (follows && frame.cluster.name.startsWith("closures")) {
                setTimeout(() => this.report(nwk, frame.cluster.name, follows), 100);
            }
        } else if (name === "read") {
            const found = frame.payload.map(({attrId}) => {
                const attribute = named(attrId);
                const value = attributes[attribute?.name];
                if (value === undefined) return {attrId, status: Zcl.Status.UNSUPPORTED_ATTRIBUTE};
                return {attrId, status: Zcl.Status.SUCCESS, dataType: attribute.type, attrData: value};
            });
            return this.answer(nwk, endpoint, frame, "readRsp", found);
        } else if (name === "write" || name === "configReport") {
            return this.answer(nwk, endpoint, frame, `${name}Rsp`, [{status: Zcl.Status.SUCCESS}]);
        }
        if (silently) return undefined;
        const done = {cmdId: frame.command.ID, statusCode: Zcl.Status.SUCCESS};
        return this.answer(nwk, endpoint, frame, "defaultRsp", done);
    }

    async sendZclFrameToGroup(group, frame) {
        this.told({group, command: frame.command.name, ...frame.payload});
    }

    told(command) {
        process.stderr.write(`radio ${JSON.stringify(command)}\n`);
    }

    report(nwk, name, attributes) {
        Object.assign(this.attributes(nwk, name), attributes);
        const cluster = Zcl.Utils.getCluster(name, undefined, {});
        const report = Object.entries(attributes).map(([attribute, value]) => {
            const {ID: attrId, type: dataType} = cluster.attributes[attribute];
            return {attrId, dataType, attrData: value};
        });
        this.count = (this.count + 1) % 256;
        this.emit("zclPayload", this.received(nwk, 1, general("report", cluster.ID, report, this.count)));
    }

    play({tell, dead}) {
        if (dead) this.dead.add(dead);
        if (tell) this.report(tell.nwk, tell.cluster, tell.attributes);
    }

    // what a stick is asked besides
    async start() {
        readline.createInterface({input: process.stdin}).on("line", (line) => this.play(JSON.parse(line)));
        return "resumed";
    }
    async getCoordinatorIEEE() {
        return "0x00124b0000000000";
    }
    async getCoordinatorVersion() {
        return {type: "memory", meta: {revision: 0}};
    }
    async getNetworkParameters() {
        const {panID, channelList} = this.networkOptions;
        return {panID, extendedPanID: "0xdddddddddddddddd", channel: channelList[0], nwkUpdateID: 0};
    }
    async supportsBackup() {
        return false;
    }
    async sendZdo() {
        return [Zcl.Status.SUCCESS, {}];
    }
    async stop() {}
    async permitJoin() {}
    async sendZclFrameToAll() {}
}

Adapter.create = async (...settings) => new Radio(...settings);
