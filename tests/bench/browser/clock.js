/**
 * The clock of the page: from the user's event to two frames after the picture.
 *
 * What is drawn is read back from the canvas, whatever the application says of it.
 * That is done once after each drawing and not in every frame, because it waits for
 * the drawing; the content of a WebGL canvas is lost anyhow once the frame is shown.
 */
(() => {
  const SIDE = 128; // of the middle that is compared
  const FEW = 3; // colours of a canvas that shows anything
  const pen = Object.assign(document.createElement('canvas'), {
    width: SIDE,
    height: SIDE
  }).getContext('2d', { willReadFrequently: true });
  const seen = new WeakMap(); // canvas -> what it showed last
  let drawn = () => undefined;

  performance.setResourceTimingBufferSize(20000);

  function look(canvas) {
    const { width, height } = canvas;
    if (!width || !height) {
      return { hash: 0, shades: 0 };
    }
    const [left, top] = [(width - SIDE) >> 1, (height - SIDE) >> 1];
    pen.clearRect(0, 0, SIDE, SIDE);
    pen.drawImage(canvas, left, top, SIDE, SIDE, 0, 0, SIDE, SIDE);
    const pixels = new Uint32Array(
      pen.getImageData(0, 0, SIDE, SIDE).data.buffer
    );
    let hash = 0;
    for (const pixel of pixels) {
      hash = (Math.imul(hash, 31) + pixel) | 0;
    }
    return { hash, shades: new Set(pixels).size };
  }

  function watchDrawing(prototype, names) {
    for (const name of names) {
      const original = prototype[name];
      if (!original) {
        continue;
      }
      prototype[name] = function (...given) {
        original.apply(this, given);
        const { canvas } = this;
        if (canvas.isConnected && !seen.get(canvas)?.waiting) {
          seen.set(canvas, { ...seen.get(canvas), waiting: true });
          // after all of the scene, and before the frame is shown
          queueMicrotask(() => {
            seen.set(canvas, look(canvas));
            drawn();
          });
        }
      };
    }
  }
  const calls = ['drawArrays', 'drawElements'];
  const scenes = calls.flatMap(call => [call, `${call}Instanced`]);
  watchDrawing(WebGLRenderingContext.prototype, scenes);
  watchDrawing(WebGL2RenderingContext.prototype, scenes);
  const flat = ['drawImage', 'putImageData', 'fillRect'];
  watchDrawing(CanvasRenderingContext2D.prototype, flat);

  function shown(selector) {
    return [...document.querySelectorAll(selector)].filter(element => {
      const { width, height, bottom } = element.getBoundingClientRect();
      return width && height && bottom > 0 && element.offsetParent;
    });
  }

  function canvasOf(within) {
    const area = canvas => canvas.clientWidth * canvas.clientHeight;
    const all = shown(`${within} canvas`).filter(c => area(c) > 2500);
    return all.sort((a, b) => area(b) - area(a))[0];
  }

  function picture(within) {
    const canvas = canvasOf(within);
    const found = canvas && seen.get(canvas);
    if (!found || !(found.shades >= FEW)) {
      return null;
    }
    const { hash, shades } = found;
    return { hash, shades, width: canvas.width, height: canvas.height };
  }

  /** Names inside the window of a list. */
  function names(selector) {
    const inside = element =>
      element.getBoundingClientRect().top < window.innerHeight;
    return shown(selector).filter(inside).length;
  }

  /** Say whether something new can be seen, and whether it is final. */
  function state({ within, busy, before, list, least }) {
    if (list) {
      const there = names(list) >= least;
      return { there, settled: there, picture: null };
    }
    const found = picture(within);
    const there = !!found && found.hash !== before;
    return {
      there,
      settled: there && !(busy && shown(busy).length),
      picture: found
    };
  }

  const frame = () => new Promise(requestAnimationFrame);
  const event = type =>
    new Promise(done =>
      window.addEventListener(type, done, { capture: true, once: true })
    );

  async function watch(wanted) {
    const { timeStamp: start } = await event(wanted.event);
    const told = { there: null, settled: null, picture: null };
    const check = () => {
      const now = state(wanted);
      for (const what of ['there', 'settled']) {
        if (now[what] && told[what] === null) {
          told[what] = twoFramesLater();
          told[`${what}Seen`] = performance.now();
          told.picture = now.picture;
        }
      }
    };
    drawn = check;
    while (told.settled === null) {
      if (performance.now() - start > wanted.limit * 1000) {
        throw new Error(`nothing was drawn in ${wanted.limit} s`);
      }
      await frame();
      check();
    }
    drawn = () => undefined;
    const [there, settled] = [await told.there, await told.settled];
    const asked = performance
      .getEntriesByType('resource')
      .filter(e => e.startTime >= start)
      .map(e => ({
        name: e.name,
        start: e.startTime - start,
        answer: e.responseStart - start,
        end: e.responseEnd - start
      }));
    const { timeOrigin } = performance;
    return { ...told, start, there, settled, timeOrigin, asked };
  }

  async function twoFramesLater() {
    await frame();
    await frame();
    return performance.now();
  }

  window.bench = {
    arm: wanted => {
      const before = picture(wanted.within)?.hash ?? null;
      window.bench.result = watch({ ...wanted, before });
    },
    picture
  };
})();
