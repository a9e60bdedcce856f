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
