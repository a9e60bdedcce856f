import { expect, it, vi } from 'vitest';
import { Events } from './events';

class FakeSocket {
  readyState = 1;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

function started(): { events: Events; sockets: FakeSocket[] } {
  const sockets: FakeSocket[] = [];
  const events = new Events(() => {
    sockets.push(new FakeSocket());
    return sockets[sockets.length - 1] as unknown as WebSocket;
  });
  events.start();
  return { events, sockets };
}

it('a new catalogue is told, and nothing else', () => {
  const { events, sockets } = started();
  const heard: string[] = [];
  events.catalog.connect((_, path) => void heard.push(path));

  sockets[0].onmessage!({ data: '{"event": "catalog", "proposal": "data/x"}' });
  sockets[0].onmessage!({ data: '{"event": "other"}' });

  expect(heard).toEqual(['data/x']);
});

it('proposals that came or went are told', () => {
  const { events, sockets } = started();
  let heard = 0;
  events.proposals.connect(() => void heard++);

  sockets[0].onmessage!({ data: '{"event": "proposals", "proposal": "data"}' });

  expect(heard).toBe(1);
});

it('a page asks to look only while there is a server', () => {
  const { events, sockets } = started();

  events.look('data/x');
  sockets[0].readyState = 3;
  events.look('data/y');

  expect(sockets[0].sent).toEqual(['{"look":"data/x"}']);
});

it('a lost connection is made again, ever more slowly', () => {
  vi.useFakeTimers();
  const { events, sockets } = started();

  sockets[0].close();
  vi.advanceTimersByTime(1000);
  sockets[1].close();
  vi.advanceTimersByTime(1999);
  expect(sockets.length).toBe(2);
  vi.advanceTimersByTime(1);
  expect(sockets.length).toBe(3);

  events.dispose();
  vi.advanceTimersByTime(60_000);
  expect(sockets.length).toBe(3);
  vi.useRealTimers();
});

it('what is shown is followed, also when the server is back', () => {
  vi.useFakeTimers();
  const { events, sockets } = started();
  const shown = [{ path: 'data/x.h5', node: 'a' }];
  const heard: string[] = [];
  events.growth.connect((_, news) => void heard.push(news.event));

  events.follow(shown);
  sockets[0].onmessage!({ data: '{"event": "grew", "path": "data/x.h5"}' });
  sockets[0].close();
  vi.advanceTimersByTime(1000);
  sockets[1].onopen!();

  const wish = JSON.stringify({ follow: shown });
  expect([...sockets[0].sent, ...sockets[1].sent]).toEqual([wish, wish]);
  expect(heard).toEqual(['grew']);
  vi.useRealTimers();
});

it('how far a picture has come is told', () => {
  const { events, sockets } = started();
  const heard: number[][] = [];
  events.progress.connect((_, { done, total }) => heard.push([done, total]));

  sockets[0].onmessage!({
    data: '{"event": "progress", "ticket": "a", "done": 3, "total": 9}'
  });

  expect(heard).toEqual([[3, 9]]);
});
