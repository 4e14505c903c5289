import { expect, test } from '@jest/globals';
import type { Source } from '../../../../src/core/catalogue.ts';
import type { ActorContext, ActorRef } from '../../../../src/actors/runtime/index.ts';
import type { SessionCommand } from '../../../../src/actors/peer/sessions/session.ts';
import type { TreeDisk } from '../../../../src/actors/peer/trees/tree-disk.ts';
import type { TreeArgs, TreeMessage } from '../../../../src/actors/peer/trees/tree-messages.ts';
import { TreeSupply } from '../../../../src/actors/peer/trees/tree-supply.ts';

function supplyWith() {
  const offered: SessionCommand[] = [];
  const asked: string[] = [];
  const session = {
    offer: (command: SessionCommand) => offered.push(command) > 0,
  } as unknown as ActorRef<SessionCommand>;
  const ctx = {
    self: 'the tree',
    ask: (_of: unknown, { type }: { type: string }) => asked.push(type),
    watch: () => undefined,
  } as unknown as ActorContext<TreeMessage>;
  const request = { target: { path: '/s/' } };
  const args = {
    record: { transfer: 7, request, rate: { shared: 'rate' }, weight: { shared: 'weight' } },
  } as unknown as TreeArgs;
  const source = { peer: 'peer', name: 'Them' } as unknown as Source;
  return { supply: new TreeSupply(ctx, args, source, true), session, offered, asked };
}

const diskWith = (port: string): TreeDisk => ({ connect: () => port }) as unknown as TreeDisk;
const attached = (store: string): object => ({
  type: 'attach-tree',
  opened: { tree: 7, store, rate: 'rate', weight: 'weight' },
  download: 'the tree',
});

test('a connection that there is before the disk waits for it, and is used once', () => {
  const { supply, session, offered } = supplyWith();
  supply.dialIfDue();
  supply.connected(session, undefined);
  expect([supply.isDialling, supply.isReady, offered]).toEqual([true, false, []]);
  supply.useDisk(diskWith('first'));
  supply.useDisk(diskWith('second'));
  expect(offered).toEqual([attached('first')]);
});

test('a connection that comes after the disk brings files there at once', () => {
  const { supply, session, offered } = supplyWith();
  supply.useDisk(diskWith('nobody'));
  supply.dialIfDue();
  supply.connected(session, diskWith('first'));
  expect(offered).toEqual([attached('first')]);
});

test('the connection in use is the one whose end counts, once files are asked for over it', () => {
  const { supply, session } = supplyWith();
  const other = { offer: () => true } as unknown as ActorRef<SessionCommand>;
  supply.dialIfDue();
  supply.connected(session, undefined);
  expect(supply.uses(session)).toBe(false);
  supply.useDisk(diskWith('first'));
  expect([supply.uses(session), supply.uses(other)]).toEqual([true, false]);
  supply.lost({ code: 'closed', message: 'Gone' });
  expect(supply.uses(session)).toBe(false);
});

test('a connection that brings files to a disk that is opened anew brings them to the new one from then on', () => {
  const { supply, session, offered } = supplyWith();
  supply.dialIfDue();
  supply.connected(session, diskWith('first'));
  supply.attached();
  supply.loseDisk();
  expect([supply.isReady, supply.isDialling]).toEqual([false, true]);
  supply.useDisk(diskWith('second'));
  expect(offered).toEqual([attached('first'), { type: 'forget-tree', tree: 7 }, attached('second')]);
});

test('a connection that was asked for and given up before it came is not taken', () => {
  const { supply, session, offered } = supplyWith();
  supply.dialIfDue();
  supply.lost({ code: 'disk-full', message: 'Full' });
  supply.connected(session, diskWith('first'));
  expect([offered, supply.isReady, supply.uses(session)]).toEqual([[], false, false]);
});

test('a connection that ended before there was a disk is made again at once, one that ends with it is not', () => {
  const { supply, asked } = supplyWith();
  const closed: string[] = [];
  const disk = (name: string): TreeDisk =>
    ({ connect: () => ({ close: () => closed.push(name) }) }) as unknown as TreeDisk;
  const gone = { offer: () => false } as unknown as ActorRef<SessionCommand>;
  supply.dialIfDue();
  supply.connected(gone, undefined);
  supply.useDisk(disk('first'));
  expect([asked, supply.isDialling]).toEqual([['session', 'session'], true]);
  supply.connected(gone, disk('second'));
  expect([asked.at(-1), supply.isDialling, supply.problem?.code]).toEqual(['find-peer', false, 'closed']);
  // Nobody would ever hand anything over there.
  expect(closed).toEqual(['first', 'second']);
});
