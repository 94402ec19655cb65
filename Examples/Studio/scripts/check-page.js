// Functions that check-page runs in the page.

/** Returns a JPEG of a person in front of a window, or of hills without a person, as a data URL. */
globalThis.drawPhoto = (kind) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 800];
  const pen = canvas.getContext('2d');
  const fill = (style, ...shape) => { pen.fillStyle = style; pen.beginPath(); pen.ellipse(...shape, 0, 0, 7); pen.fill(); };
  const sky = pen.createLinearGradient(0, 0, 0, 800);
  const colors = { person: ['#d9c6ad', '#8d6f56'], other: ['#b9c7c9', '#5c7078'], hills: ['#8fc1ea', '#e9f2f6'] }[kind];
  colors.forEach((color, index) => sky.addColorStop(index, color));
  pen.fillStyle = sky;
  pen.fillRect(0, 0, 640, 800);
  if (kind === 'hills') {
    fill('#f7e08a', 480, 190, 60, 60);
    fill('#5f9160', 190, 900, 460, 380);
    fill('#4b7a50', 560, 930, 360, 300);
  } else {
    const [skin, hair, shirt] = kind === 'person' ? ['#e2b391', '#4a2f22', '#b5533c'] : ['#8a5a3c', '#1e1715', '#3f6f5c'];
    pen.fillStyle = 'rgb(255 250 235 / 55%)';
    pen.fillRect(40, 60, 190, 300);
    fill(hair, 320, 330, 150, 185);
    fill(shirt, 320, 860, 290, 270);
    fill(skin, 320, 560, 62, 100);
    fill(skin, 320, 370, 122, 155);
    for (const x of [275, 365]) fill('#241b18', x, 355, 13, 9);
    fill('#a4524a', 320, 445, 40, 8);
  }
  return canvas.toDataURL('image/jpeg', 0.9);
};

/** Returns the texts whose contrast with the background is below WCAG AA. Texts over photos have a background of their own. */
globalThis.lowContrast = () => {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return { rgb: [r, g, b], alpha: a / 255 };
  };
  const over = (top, below) => top.rgb.map((value, i) => value * top.alpha + below[i] * (1 - top.alpha));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const problems = [];
  for (const element of document.body.querySelectorAll('*')) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join(' ').trim();
    const isShown = text && element.checkVisibility({ visibilityProperty: true }) && !element.closest('[disabled], .is-covered, .visually-hidden, svg');
    if (!isShown) continue;
    const layers = [];
    for (let parent = element; parent; parent = parent.parentElement) layers.unshift(rgba(getComputedStyle(parent).backgroundColor));
    const background = layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
    const style = getComputedStyle(element);
    const [high, low] = [luminance(over(rgba(style.color), background)), luminance(background)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) problems.push(`${ratio.toFixed(2)} for "${text.slice(0, 40)}" (${style.color})`);
  }
  return problems;
};

/** Returns the label of the element that has the focus, or "" if the focus does not show. */
globalThis.focused = () => {
  const element = document.activeElement;
  const outlines = [element, element.parentElement, element.closest('label')].map((shown) => shown && getComputedStyle(shown));
  if (element.matches('.compare')) outlines.push(getComputedStyle(element.nextElementSibling, '::after'));
  if (!outlines.some((style) => style && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)) return '';
  return element.getAttribute('aria-label') ?? element.labels?.[0]?.innerText ?? element.innerText;
};

/** Drops files of these names and types. */
globalThis.drag = (event, ...files) => {
  const dataTransfer = new DataTransfer();
  for (const [name, type] of files) dataTransfer.items.add(new File(['?'], name, { type }));
  document.getElementById('form').dispatchEvent(new DragEvent(event, { bubbles: true, cancelable: true, dataTransfer }));
};
