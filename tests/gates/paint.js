// Works on pictures: `few` gives one in at most 256 colours, `apart` says how far two are from one another.
(() => {
  const points = async (png, width, height) => {
    const bitmap = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
    const canvas = new OffscreenCanvas(width || bitmap.width, height || bitmap.height);
    const context = canvas.getContext('2d', {willReadFrequently: true});
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return {width: canvas.width, height: canvas.height, own: [bitmap.width, bitmap.height],
      data: context.getImageData(0, 0, canvas.width, canvas.height).data};
  };

  const few = async png => {
    const {width, data} = await points(png);
    const counts = new Map();
    const key = at => (data[at] >> 2) << 12 | (data[at + 1] >> 2) << 6 | data[at + 2] >> 2;
    for (let at = 0; at < data.length; at += 4) counts.set(key(at), (counts.get(key(at)) || 0) + 1);
    const kept = [...counts].sort((one, other) => other[1] - one[1]).slice(0, 256).map(each => each[0]);
    const parts = each => [each >> 12, each >> 6 & 63, each & 63];
    const nearest = new Map(kept.map((each, number) => [each, number]));
    const find = each => {
      if (!nearest.has(each)) {
        const far = kept.map(one => parts(one).reduce((sum, part, n) => sum + (part - parts(each)[n]) ** 2, 0));
        nearest.set(each, far.indexOf(Math.min(...far)));
      }
      return nearest.get(each);
    };
    const found = new Uint8Array(data.length / 4);
    for (let at = 0; at < data.length; at += 4) found[at / 4] = find(key(at));
    let binary = '';
    for (let at = 0; at < found.length; at += 32768) binary += String.fromCharCode(...found.subarray(at, at + 32768));
    const colours = kept.flatMap(each => parts(each).map(part => part << 2 | part >> 4));
    return {width, colours, points: btoa(binary)};
  };

  // In blocks of about 16 points, grey: where letters fall a little otherwise, a block stays nearly the same.
  const apart = async (one, other) => {
    const whole = await points(one);
    const size = [Math.round(whole.width / 16), Math.round(whole.height / 16)];
    const [left, right] = [await points(one, ...size), await points(other, ...size)];
    if (String(left.own) !== String(right.own)) return 1;
    let sum = 0;
    for (let at = 0; at < left.data.length; at += 4) {
      const grey = from => .299 * from.data[at] + .587 * from.data[at + 1] + .114 * from.data[at + 2];
      sum += Math.abs(grey(left) - grey(right));
    }
    return sum / (left.data.length / 4) / 255;
  };

  return {few, apart};
})()
