/**
 * The part of the Redis library (Lua) that knows all words of a shard, for beginnings of them. Invariant: a word is
 * listed while a row has it.
 *
 * - `x:<first three letters>`: a hash with the words as its fields, which Redis keeps packed while they are few; `x`:
 *   the first three letters of all words, in the order of their bytes.
 */
export const luaWords = `
local function bucketOf(word) return word:match('^.[\\128-\\191]*.?[\\128-\\191]*.?[\\128-\\191]*') end

local function addWord(K, word)
  local bucket = bucketOf(word)
  local key = K .. ':x:' .. bucket
  if call('HSET', key, word, '') == 1 and call('HLEN', key) == 1 then call('ZADD', K .. ':x', 0, bucket) end
end

local function dropWord(K, word)
  local bucket = bucketOf(word)
  local key = K .. ':x:' .. bucket
  call('HDEL', key, word)
  if call('EXISTS', key) == 0 then call('ZREM', K .. ':x', bucket) end
end

-- Some of the words that begin so, the first of them in order.
local function wordsWith(K, prefix, most)
  local words = {}
  local letters = bucketOf(prefix)
  local from, last = '-', '+'
  if letters then from, last = '[' .. letters, '(' .. letters .. '\\255' end
  for _, bucket in ipairs(call('ZRANGEBYLEX', K .. ':x', from, last, 'LIMIT', 0, most)) do
    local some = {}
    for _, word in ipairs(call('HKEYS', K .. ':x:' .. bucket)) do
      if word:sub(1, #prefix) == prefix then some[#some + 1] = word end
    end
    table.sort(some)
    for _, word in ipairs(some) do
      words[#words + 1] = word
      if #words == most then return words end
    end
  end
  return words
end
`;
