/**
 * Rule `forbidden/syntax` of oxlint: each option is `{ selector, message }`, a selector of the syntax tree (esquery) and what to
 * write instead. JavaScript, because oxlint loads it by itself.
 */
const syntax = {
  meta: { schema: false },
  create: (context) =>
    Object.fromEntries(
      context.options.map(({ selector, message }) => [selector, (node) => context.report({ node, message })]),
    ),
}

export default { meta: { name: 'forbidden' }, rules: { syntax } }
