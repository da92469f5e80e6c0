// From the types of the service's JavaScript client to OpenAPI documents, and a judgement of what
// editree has made of them.
//
//   node shapes.mjs write DIR            a document for each endpoint that edits pictures by a prompt
//   node shapes.mjs judge DIR MODELS EXPECTED      compares what was imported with the documents
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";

const [command, folder, models, expected] = process.argv.slice(2);
const file = "node_modules/@fal-ai/client/src/types/endpoints.d.ts";

if (command === "write") write();
else judge();

function write() {
  const source = ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const types = new Map();
  for (const node of source.statements) {
    if (ts.isTypeAliasDeclaration(node)) types.set(node.name.text, node);
  }
  const text = (node) => [].concat(node.jsDoc ?? []).map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? "").join(" ");
  const literal = (node) => {
    if (ts.isStringLiteral(node)) return node.text;
    if (ts.isNumericLiteral(node)) return Number(node.text);
    if (ts.isPrefixUnaryExpression(node)) return -Number(node.operand.text);
    return { [ts.SyntaxKind.TrueKeyword]: true, [ts.SyntaxKind.FalseKeyword]: false }[node.kind];
  };
  const named = (node) => (ts.isTypeReferenceNode(node) ? node.typeName.getText() : "");
  const isPlain = (node) => node.kind === ts.SyntaxKind.StringKeyword;
  function schema(node, used) {
    if (ts.isParenthesizedTypeNode(node)) return schema(node.type, used);
    if (isPlain(node)) return { type: "string" };
    if (node.kind === ts.SyntaxKind.NumberKeyword) return { type: "number" };
    if (node.kind === ts.SyntaxKind.BooleanKeyword) return { type: "boolean" };
    if (ts.isLiteralTypeNode(node)) return { enum: [literal(node.literal)], type: typeof literal(node.literal) };
    if (ts.isArrayTypeNode(node)) return { type: "array", items: schema(node.elementType, used) };
    if (named(node) === "Array") return { type: "array", items: schema(node.typeArguments[0], used) };
    if (ts.isUnionTypeNode(node)) {
      // An upload: the client takes a file where the service takes its address.
      const isUpload = node.types.some((part) => named(part) === "Blob");
      const parts = node.types.filter((part) => !isUpload || !["Blob", "File"].includes(named(part)));
      const literals = parts.filter(ts.isLiteralTypeNode).map((part) => literal(part.literal));
      const others = parts.filter((part) => !ts.isLiteralTypeNode(part)).map((part) => schema(part, used));
      if (literals.length) others.push({ type: typeof literals[0], enum: literals });
      const union = others.length === 1 ? others[0] : { anyOf: others };
      return isUpload ? { ...union, "x-upload": true } : union;
    }
    if (ts.isTypeLiteralNode(node)) return object(node, used);
    if (types.has(named(node))) {
      used.add(named(node));
      return { $ref: `#/components/schemas/${named(node)}` };
    }
    return { type: "object" };
  }
  function object(node, used) {
    const properties = {}, required = [];
    for (const member of node.members ?? []) {
      if (!ts.isPropertySignature(member)) continue;
      const name = member.name.text;
      const described = text(member);
      const property = { ...schema(member.type, used), description: described.replace(/\s*Default value: `.*`/s, "") };
      const preset = /Default value: `(.*)`/s.exec(described);
      if (preset) try { property.default = JSON.parse(preset[1]); } catch { property.default = preset[1]; }
      properties[name] = property;
      if (!member.questionToken) required.push(name);
    }
    return { type: "object", properties, required };
  }
  const resolved = (name, used) => {
    const node = types.get(name).type;
    // `A & B`, and names of other types.
    if (ts.isIntersectionTypeNode(node)) {
      const parts = node.types.map((part) => (named(part) ? resolved(named(part), used) : object(part, used)));
      return parts.reduce((all, part) => ({ type: "object", properties: { ...all.properties, ...part.properties },
        required: [...all.required, ...part.required] }), { properties: {}, required: [] });
    }
    return named(node) && types.has(named(node)) ? resolved(named(node), used) : schema(node, used);
  };
  const map = types.get("EndpointTypeMap").type.members;
  let count = 0;
  for (const member of map) {
    const id = member.name.text;
    const names = member.type.members.map((part) => named(part.type));
    if (!names.every((name) => types.has(name))) continue;
    const used = new Set();
    const [input, output] = names.map((name) => resolved(name, used));
    if (!input.properties?.prompt || !pictures(input).length || !gives(output)) continue;
    const schemas = { Input: input, Output: output };
    for (const name of used) schemas[name] = resolved(name, used);
    const body = (name) => ({ "application/json": { schema: { $ref: `#/components/schemas/${name}` } } });
    const answer = (name) => ({ 200: { description: "", content: body(name) } });
    const document = {
      openapi: "3.0.4",
      info: { title: id, version: "1", "x-fal-metadata": { endpointId: id } },
      servers: [{ url: "https://queue.fal.run" }],
      components: { schemas },
      paths: {
        [`/${id}`]: { post: { requestBody: { content: body("Input") }, responses: {} } },
        [`/${id}/requests/{request_id}`]: { get: { responses: answer("Output") } },
      },
    };
    fs.writeFileSync(path.join(folder, `${id.replaceAll("/", "--")}.json`), JSON.stringify(document));
    count += 1;
  }
  console.log(`${map.length} endpoints, ${count} of them make pictures from pictures and a prompt`);
}

function gives(output) {
  const fields = output.properties ?? {};
  return Boolean(fields.images ?? fields.image) && !fields.video;
}

// Fields that take the address of a picture: an upload, or a text that is called a picture's address.
function pictures(input) {
  return Object.entries(input.properties ?? {}).flatMap(([name, property]) => {
    const list = property.type === "array";
    const of = list ? property.items ?? {} : property;
    const isCalledSo = of.type === "string" && !of.enum && /(image|mask|photo|portrait|garment).*_(url|urls)$/.test(name);
    if (!of["x-upload"] && !isCalledSo || /audio|video|pdf|archive|embedding|(lora|model)_url$/.test(name)) return [];
    const required = (input.required ?? []).includes(name);
    return [`${name}${list ? "[]" : ""}${required ? "*" : ""}`];
  });
}

function judge() {
  const wanted = new Map(fs.readFileSync(expected, "utf8").split("\n").filter((line) => line && !line.startsWith("#"))
    .map((line) => line.split(" -> ")));
  const shapes = new Map(), kinds = new Map();
  let wrong = 0, incomplete = 0, all = 0;
  for (const name of fs.readdirSync(folder).sort()) {
    const document = JSON.parse(fs.readFileSync(path.join(folder, name)));
    const input = document.components.schemas.Input;
    const shape = pictures(input).join(" ");
    const place = path.join(models, name);
    all += 1;
    if (!fs.existsSync(place)) {
      console.log(`NOT IMPORTED ${name}`);
      incomplete += 1;
      continue;
    }
    const made = JSON.parse(fs.readFileSync(place));
    const main = made.takes.field ?? "nothing";
    const rest = (made.takes.then ?? []).map((slot) => slot.field);
    const row = shapes.get(shape) ?? { count: 0, mains: new Map() };
    row.count += 1;
    const told = [main, ...rest].join(" + ");
    row.mains.set(told, [...(row.mains.get(told) ?? []), name]);
    shapes.set(shape, row);
    if (wanted.get(shape) !== told) wrong += 1;
    const params = new Map(made.params.map((param) => [param.name, param]));
    for (const param of made.params) kinds.set(param.kind, (kinds.get(param.kind) ?? 0) + 1);
    for (const [field, property] of Object.entries(input.properties)) {
      const param = params.get(field);
      const needed = (input.required ?? []).includes(field);
      const lacks = !param ? "is missing" : param.required !== needed ? "is required otherwise"
        : property.enum?.length > 1 && property.enum.some((word) => !JSON.stringify(param).includes(JSON.stringify(word)))
          ? "lacks a choice" : "";
      if (lacks) {
        console.log(`INCOMPLETE ${name}: ${field} ${lacks}`);
        incomplete += 1;
      }
    }
  }
  const sorted = [...shapes].sort((a, b) => b[1].count - a[1].count);
  for (const [shape, { mains }] of sorted) {
    for (const [told, names] of mains) {
      const right = wanted.get(shape) === told;
      const which = right ? "" : `  WRONG, expected ${wanted.get(shape)}: ${names.slice(0, 3).join(" ")}`;
      console.log(`${String(names.length).padStart(4)}  ${shape}  ->  ${told}${which}`);
    }
  }
  console.log(`fields by kind: ${[...kinds].sort((a, b) => b[1] - a[1]).map((pair) => pair.join(" ")).join(", ")}`);
  console.log(`${all} endpoints, ${shapes.size} shapes: ${wrong} wrong, ${incomplete} fields missing or otherwise`);
  process.exit(wrong + incomplete > 0 ? 1 : 0);
}
