// What is asked of a page in the browser. Each answers a list of what is wrong, in words.

const told = each => {
  const words = (each.innerText || each.value || each.getAttribute('aria-label') || each.name || '').trim().slice(0, 40);
  return `<${each.tagName.toLowerCase()}${each.id ? '#' + each.id : ''}${
    each.className ? '.' + String(each.className).split(' ').join('.') : ''}> ${JSON.stringify(words)}`;
};

const reachable = () => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')].filter(each =>
  each.checkVisibility({visibilityProperty: true}) && !each.disabled && !each.closest('[inert]'));

window.gates = {
  // Which of the page's forms has the most fields.
  largest() {
    const counts = [...document.querySelectorAll('main form')].map(form =>
      form.querySelectorAll('input:not([type=hidden]), select, textarea').length);
    return counts.indexOf(Math.max(...counts));
  },

  // Nothing is wider than the screen: neither the page nor something in it that cuts its words off.
  wide() {
    const whole = document.documentElement, over = whole.scrollWidth - whole.clientWidth;
    if (over <= 0) return [];
    const guilty = [...document.querySelectorAll('body *')].filter(each => {
      const box = each.getBoundingClientRect();
      return box.width && (box.right > whole.clientWidth + 1 || box.left < -1) && each.checkVisibility();
    });
    return [`${over} px wider than the screen: ${guilty.slice(-3).map(told).join(', ')}`];
  },

  // Words are not cut off by what they stand in.
  cut() {
    return [...document.querySelectorAll('main *, header *, footer *')].filter(each => {
      const style = getComputedStyle(each);
      return ['hidden', 'clip'].includes(style.overflowX) && each.clientWidth > 2 && each.textContent.trim()
        && each.scrollWidth > each.clientWidth + 1 && each.checkVisibility();
    }).map(each => `its words are cut off: ${told(each)}`);
  },

  // Everything that can have the focus shows it, and is not covered by something that stays in place.
  focus() {
    const wrong = [];
    const looks = each => [each, each.parentElement, each.nextElementSibling, ...(each.labels || [])].filter(Boolean)
      .map(one => {
        const style = getComputedStyle(one);
        const outline = style.outlineStyle === 'none' ? '' : style.outlineWidth + style.outlineColor;
        return [outline, style.boxShadow, style.borderColor, style.backgroundColor, style.textDecoration].join();
      }).join();
    const all = reachable().filter(each => !each.matches('.as-focus')).slice(0, 120);  // the gallery shows it already
    for (const each of all) {
      document.activeElement.blur();
      const before = looks(each);
      each.focus({focusVisible: true});
      if (document.activeElement !== each) { wrong.push(`it cannot have the focus: ${told(each)}`); continue; }
      if (looks(each) === before) wrong.push(`it does not show the focus: ${told(each)}`);
      if (covered(each)) wrong.push(`it is covered while it has the focus: ${told(each)}`);
    }
    document.activeElement.blur();
    window.scrollTo(0, 0);
    return wrong;
  },

  // With less motion asked for, nothing moves.
  motion() {
    return document.getAnimations().filter(each => each.playState === 'running' && each.effect
      && each.effect.getComputedTiming().activeDuration > 20)
      .map(each => `it moves: ${each.animationName || each.transitionProperty} of ${told(each.effect.target)}`);
  },

  // What the first paint waited for: one stylesheet, no script.
  blocking() {
    const found = performance.getEntriesByType('resource').filter(each => each.renderBlockingStatus === 'blocking')
      .map(each => new URL(each.name).pathname);
    const scripts = found.filter(each => !each.endsWith('.css'));
    return [...scripts.map(each => `the first paint waits for ${each}`),
      ...(found.length > 1 ? [`the first paint waits for ${found.length} files: ${found.join(', ')}`] : [])];
  },
};

function covered(each) {
  const box = [...each.getClientRects()].find(one => one.width && one.height) || each.getBoundingClientRect();
  const inside = [[.5, .5], [.05, .2], [.95, .2], [.05, .8], [.95, .8]];
  const seen = inside.map(([x, y]) => document.elementFromPoint(box.left + box.width * x, box.top + box.height * y));
  const own = one => one && (each.contains(one) || one.contains(each) && !fixed(one)
    || [...(each.labels || [])].some(label => label.contains(one)));
  return !seen.some(own);
}

function fixed(each) {
  return ['fixed', 'sticky'].includes(getComputedStyle(each).position);
}
