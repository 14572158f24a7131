// Prints what a manifest must hold of a model's definition, for train.py.
import { ranker } from '../../.build/src/pipelines/places-ranker.js';

const { name, inputs, hash, first, second } = ranker;
const views = { [first.name]: first.shape.hash, [second.name]: second.shape.hash };
const names = inputs.map((input) => input.name);
console.log(JSON.stringify({ name, inputs: names, inputs_hash: hash, views }, null, 2));
