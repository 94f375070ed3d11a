import ts from 'typescript'

export interface SyntaxFacts {
  /** Lines of each function that has a name: declarations, methods, and functions assigned to a constant. */
  functionLines: number[]
  /** Starts a PostgreSQL server: has its option -D, which only two other programs share. */
  isLauncher: boolean
  /** Makes a cluster by initdb. */
  isClusterMaker: boolean
  /** Calls parseArgs of node:util. */
  isArgumentParser: boolean
  /** Listens for a signal by process.on or process.once. */
  isSignalHandler: boolean
}

/** Reads from the syntax of one TypeScript file what the figures count. */
export function readSyntax(path: string, text: string): SyntaxFacts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const nodes = descendantsOf(file)
  const calls = nodes.filter(ts.isCallExpression)
  return {
    functionLines: nodes.filter(isNamedFunction).map((node) => linesOf(file, node)),
    isLauncher: nodes.some((node) => ts.isArrayLiteralExpression(node) && startsServer(node)),
    isClusterMaker: calls.some(callsInitdb),
    isArgumentParser: calls.some(({ expression }) => expression.getText() === 'parseArgs'),
    isSignalHandler: calls.some(listensForSignal),
  }
}

function descendantsOf(node: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = []
  const visit = (each: ts.Node): void => {
    nodes.push(each)
    ts.forEachChild(each, visit)
  }
  visit(node)
  return nodes
}

function isNamedFunction(node: ts.Node): boolean {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return node.body !== undefined
  return (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) && ts.isVariableDeclaration(node.parent)
}

function linesOf(file: ts.SourceFile, node: ts.Node): number {
  const lineAt = (position: number): number => file.getLineAndCharacterOfPosition(position).line
  return lineAt(node.getEnd()) - lineAt(node.getStart()) + 1
}

/** Programs beside the server that take a cluster by -D; initdb and pg_basebackup get --pgdata here. */
const readersOfClusters = /pg_controldata|pg_waldump|pg_checksums/

function startsServer(list: ts.ArrayLiteralExpression): boolean {
  const [first] = list.elements
  if (first === undefined || !ts.isStringLiteral(first) || first.text !== '-D') return false
  return !readersOfClusters.test(list.getSourceFile().text)
}

function callsInitdb(call: ts.CallExpression): boolean {
  if (call.expression.getText() === 'join' || call.getText().includes('--sync-only')) return false
  return call.arguments.some((argument) =>
    (ts.isObjectLiteralExpression(argument) ? /\bname: 'initdb'/ : /'initdb'\)?$|\.initdb$/).test(
      argument.getText(),
    ),
  )
}

const eventsOfProcess = /^'(uncaughtException|unhandledRejection|exit|beforeExit|message|disconnect|warning)/

function listensForSignal(call: ts.CallExpression): boolean {
  if (!/^process\.(on|once)$/.test(call.expression.getText())) return false
  return !eventsOfProcess.test(call.arguments[0]?.getText() ?? '')
}
