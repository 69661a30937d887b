// What the watch page shows while no browser with sdk.js sends the page of this visitor.
const element = (tag, ...children) => ({ tag, children });
const PRETENDED_PAGE = {
  url: 'https://shop.example/checkout',
  title: 'Checkout – Example Shop',
  tree: element(
    'div',
    element('nav', element('strong', 'Example Shop'), '  ', element('a', 'Products'), '  ', element('a', 'Basket'), '  ', element('a', 'Account')),
    element('h1', 'Checkout'),
    element('p', 'This page is pretended. Add the sandbox’s sdk.js to a page of your own to see that page here.'),
    element('h2', '1. Your basket'),
    element(
      'table',
      element('thead', element('tr', element('th', 'Article'), element('th', 'Quantity'), element('th', 'Price'))),
      element('tbody',
        element('tr', element('td', 'Desk lamp'), element('td', '1'), element('td', '39.00')),
        element('tr', element('td', 'Light bulb'), element('td', '2'), element('td', '8.40'))),
    ),
    element('h2', '2. Delivery'),
    element('p', 'Name ', { tag: 'input', attributes: { type: 'text', value: 'Example Customer' } }),
    element('p', 'Street ', { tag: 'input', attributes: { type: 'text', placeholder: 'Street and number' } }),
    element('p', { tag: 'input', attributes: { type: 'checkbox', checked: true } }, 'Send me an e-mail when the parcel leaves'),
    element('p', element('button', 'Continue to payment')),
    element('footer', 'Example Shop · Help · Terms'),
  ),
};
