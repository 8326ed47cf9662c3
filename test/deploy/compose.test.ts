import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { VENDOR_KEY } from '../../sandbox/connect/accounts';
import { PRODUCTS } from '../../sandbox/connect/catalogue';
import { VENDOR_API_KEY } from '../../sandbox/vendor-api/routes';
import { YOUNG_GENERATION } from '../../src/commands/worker';
import { loadConfig, VARIABLES } from '../../src/config';

interface Service {
  image: string;
  build?: string;
  profiles?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}

const root = path.join(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const { services, volumes } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const all = Object.entries(services);
const settings = all.flatMap(([name, { environment = {} }]) =>
  Object.entries(environment).map(([key, value]): [string, string, string] => [name, key, value]),
);

const EXACT = /^[\w./-]+:v?\d+\.\d+(\.\d+)?(-[\w.-]+)?$/;

describe('images', () => {
  test.each(all.filter(([, { build }]) => build === undefined))(
    'of %s is pinned by its version',
    (_name, { image }) => {
      expect(image).toMatch(EXACT);
    },
  );

  test('of the build are pinned by their version', () => {
    const bases = [...read('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(bases).toHaveLength(2);
    for (const image of bases) expect(image).toMatch(EXACT);
  });

  test('that of the processor starts Node as a worker on this machine is started', () => {
    expect(read('Dockerfile')).toMatch(
      new RegExp(`^ENTRYPOINT \\["node", .*"${YOUNG_GENERATION}", .*main.js"\\]$`, 'm'),
    );
  });

  test("Temporal's CLI is the version that demo and tests use", () => {
    const version = /CLI_VERSION = '([^']+)'/.exec(read('src/temporal/find-cli.ts'))?.[1];
    expect(services['temporal']?.image).toBe(`temporalio/temporal:${version}`);
  });
});

describe('profiles', () => {
  test('without one, the development stack starts', () => {
    const started = all.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
    expect(started.sort()).toEqual(['sandbox', 'schedules', 'temporal', 'webhooks', 'worker']);
  });

  test('a service depends on services of its own stack alone, so that starting `production` starts nothing else', () => {
    for (const [, { profiles, depends_on = {} }] of all)
      for (const other of Object.keys(depends_on)) expect(services[other]?.profiles).toEqual(profiles);
  });

  test('`production` and `listener` lead to every service of their stack, and `production` alone to no listener', () => {
    const found = new Set<string>();
    const follow = (name: string) => {
      found.add(name);
      Object.keys(services[name]?.depends_on ?? {}).forEach(follow);
    };
    follow('production');
    expect(found).not.toContain('listener');
    follow('listener');
    expect([...found].sort()).toEqual(
      all
        .filter(([, s]) => s.profiles !== undefined)
        .map(([name]) => name)
        .sort(),
    );
  });
});

describe('settings', () => {
  test('no secret is written down but the keys of the sandbox, and the secret between it and the worker', () => {
    const secrets = settings.filter(([, key]) => /KEY|PASSWORD|PWD|TOKEN|SECRET/.test(key)).map(([, , value]) => value);
    expect(secrets.length).toBeGreaterThan(0);
    for (const value of secrets) {
      const fromEnvironment = /^\$\{[A-Z_]+:-\}$/.test(value);
      if (!fromEnvironment) expect([VENDOR_KEY, VENDOR_API_KEY, 'sandbox-webhook-secret']).toContain(value);
    }
  });

  test('the development worker serves the products of the sandbox', () => {
    expect(services['worker']?.environment?.['CONNECT_PRODUCTS']?.split(',')).toEqual(Object.values(PRODUCTS));
  });

  /** The environment of a service, as Compose makes it. @param given what `.env` has */
  const environmentOf = (name: string, given: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [
        key,
        value.replace(/^\$\{(\w+):-(.*)\}$/, (_, variable: string, otherwise: string) => given[variable] ?? otherwise),
      ]),
    );

  test('the sandbox calls the worker where it listens, with the secret that both have', () => {
    const { listen } = loadConfig(environmentOf('worker'));
    expect(listen).toMatchObject({ host: '0.0.0.0', webhookUrl: `http://worker:${listen.port}` });
    expect(loadConfig(environmentOf('webhooks')).listen).toEqual(listen);
  });

  test('of the listener are valid with its secret; Connect, or a proxy, reaches the port that it listens on', () => {
    const given = {
      CONNECT_API_KEY: 'ApiKey SU-1:key',
      CONNECT_PRODUCTS: 'PRD-100-000-001',
      WEBHOOK_SECRET: 'x'.repeat(32),
    };
    const { listen, healthPort } = loadConfig(environmentOf('listener', given));
    expect(listen).toMatchObject({ host: '0.0.0.0', webhookSecret: 'x'.repeat(32), actionSecrets: [] });
    const { ports, healthcheck } = services['listener']!;
    expect([healthcheck, healthPort]).toEqual([undefined, 8081]); // that of the image asks the same of worker and listener
    expect(ports).toEqual([expect.stringMatching(new RegExp(`:${listen.port}$`))]);
    expect(loadConfig(environmentOf('production', given)).listen.port).toBeUndefined();
  });

  describe('of `.env`', () => {
    const given = Object.fromEntries(VARIABLES.map((name) => [name, `the ${name}`]));
    const reaching = (name: string) =>
      Object.entries(environmentOf(name, given)).flatMap(([key, value]) => (value === given[key] ? [key] : []));
    const LISTENING = /^(WEBHOOK|ACTION|VALIDATION)_/;
    const OF_THE_STACK = /^(EXAMPLE_VENDOR|LISTEN_PORT|LISTEN_HOST)$/;
    const expected = VARIABLES.filter((name) => !OF_THE_STACK.test(name));

    test.each(['production', 'schedules-production'])('all reach %s, but what a listener alone needs', (name) => {
      expect(reaching(name).sort()).toEqual(expected.filter((variable) => !LISTENING.test(variable)).sort());
    });

    test('all reach the listener', () => {
      expect(reaching('listener').sort()).toEqual([...expected].sort());
    });

    test('those that are missing are left to the configuration’s file, and to the image', () => {
      const { HEALTH_PORT, ...rest } = environmentOf('production');
      expect(read('Dockerfile')).toContain(`HEALTH_PORT=${HEALTH_PORT}`);
      const set = Object.entries(rest).filter(([key, value]) => value !== '' && !key.startsWith('TEMPORAL_'));
      expect(set).toEqual([]);
    });
  });

  test('of our own processes are ones that the configuration knows', () => {
    const ours = all.filter(([, { build }]) => build !== undefined).map(([name]) => name);
    for (const [name, key] of settings)
      if (ours.includes(name) && !key.startsWith('TEMPORAL_')) expect(VARIABLES).toContain(key);
  });

  test('ports are open to this machine alone', () => {
    const open = all.flatMap(([, { ports = [] }]) => ports);
    expect(open).not.toEqual([]);
    for (const port of open) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('what is mounted exists', () => {
    const sources = all.flatMap(([, s]) => s.volumes ?? []).map((volume) => volume.split(':')[0] ?? '');
    for (const source of sources)
      expect(source.startsWith('.') ? existsSync(path.join(root, source)) : source in volumes).toBe(true);
    expect(existsSync(path.join(root, 'deploy/temporal/dynamic-config.yaml'))).toBe(true);
  });
});

const compose = [['docker', 'compose'], ['docker-compose']].find(
  ([command = '', ...first]) => spawnSync(command, [...first, 'version']).status === 0,
);

(compose ? test : test.skip)('Docker Compose accepts the file', () => {
  const [command = '', ...first] = compose ?? [];
  const { status, stdout, stderr } = spawnSync(command, [...first, '--profile', 'production', 'config', '--services'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.trim().split('\n').sort()).toEqual(Object.keys(services).sort());
});
