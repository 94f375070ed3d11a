/** Returns the HTML page that shows the OpenAPI document; without its script the page links to the document. */
export function docsPage(hasScript: boolean): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API reference</title>
<style>body { margin: 0 }</style>
</head>
<body>
${hasScript ? viewer : explanation}
</body>
</html>
`
}

const viewer = `<redoc spec-url="/api/openapi.json"></redoc>
<script src="/api/docs/redoc.standalone.js"></script>
<noscript>This page needs JavaScript; the document itself is at <a href="/api/openapi.json">/api/openapi.json</a>.</noscript>`

const explanation = `<h1>API reference</h1>
<p>The viewer is not installed with this server. The document itself is at
<a href="/api/openapi.json">/api/openapi.json</a>: any OpenAPI 3.1 tool reads it.</p>`
