import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from '../browsers.ts';

/** Address of this process, and so of the site and the broker, in the small network. */
export const HUB_ADDRESS = '10.77.0.1';

/** A device's place in the network: a cable of its own to the switch. */
export interface Port {
  /** Starts Chromium there. */
  readonly launcher: string;
  /** Pulls the plug at the device: its browser is told that it is offline. */
  setPlugged(isPlugged: boolean): void;
  /** Silently drops everything that device sends to and gets from other devices; the broker stays in reach. */
  setIsolated(isIsolated: boolean): void;
}

/**
 * A switch in a network namespace of its own, with one more namespace a device: packets are really lost and
 * interfaces are really gone, and nothing of it reaches the machine. This process must be inside
 * `unshare --net` already.
 */
export class Network {
  readonly #folder: string;
  readonly #rate: string;
  readonly #holders: ChildProcess[] = [];

  /** @param rate of every cable, as `tc` writes it: `100mbit` */
  constructor(folder: string, rate: string) {
    this.#folder = folder;
    this.#rate = rate;
    run('ip link set lo up');
    run('ip link add switch type bridge');
    run(`ip addr add ${HUB_ADDRESS}/24 dev switch`);
    run('ip link set switch up');
  }

  async addPort(): Promise<Port> {
    const number = this.#holders.length + 2;
    const cable = `cable${number}`;
    // Holds the namespace, and ends with it.
    const holder = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
    this.#holders.push(holder);
    const pid = holder.pid ?? 0;
    await namespaceOf(pid);
    const inside = `nsenter --target ${pid} --net`;
    run(`ip link add ${cable} type veth peer name eth0 netns ${pid}`);
    run(`ip link set ${cable} master switch up`);
    run(`${inside} ip link set lo up`);
    run(`${inside} ip addr add 10.77.0.${number}/24 dev eth0`);
    plug(inside);
    for (const command of [`tc qdisc add dev ${cable}`, `${inside} tc qdisc add dev eth0`])
      run(`${command} root tbf rate ${this.#rate} burst 64kb latency 100ms`);
    const launcher = join(this.#folder, `chromium-${number}`);
    writeFileSync(launcher, `#!/bin/sh\nexec ${inside} ${findChromium()} "$@"\n`);
    chmodSync(launcher, 0o755);
    return {
      launcher,
      setPlugged: (isPlugged) =>
        isPlugged ? plug(inside) : run(`${inside} ip link set eth0 down`),
      setIsolated: (isIsolated) =>
        run(`bridge link set dev ${cable} isolated ${isIsolated ? 'on' : 'off'}`),
    };
  }

  close(): void {
    for (const holder of this.#holders) holder.kill('SIGKILL');
  }
}

/** A route goes with its interface. */
function plug(inside: string): void {
  run(`${inside} ip link set eth0 up`);
  run(`${inside} ip route replace default via ${HUB_ADDRESS}`);
}

/** Resolves once `unshare` has made the namespace. */
async function namespaceOf(pid: number): Promise<void> {
  const ours = run('readlink /proc/self/ns/net');
  while (run(`readlink /proc/${pid}/ns/net`) === ours)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

function run(command: string): string {
  const [program = '', ...args] = command.split(' ');
  return execFileSync(program, args, { encoding: 'utf8' });
}
