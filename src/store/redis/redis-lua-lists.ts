/**
 * The part of the Redis library (Lua) that keeps ascending lists of numbers: which rows have a word, which files a
 * peer shares, who holds a file. A list is cut into sets of at most 512 numbers, which Redis keeps packed with its
 * default settings. Invariant: the set `key|b` has the numbers below the border `b` and from the border before on,
 * `key` those from the last border on, and the string `key/` has the borders.
 */
import { maxRedisListNumbers } from '../../core/limits/redis.ts';

export const luaLists = `
-- While a library is loaded there is no redis.call yet; shardOf sets it straight.
local call = function(...) return redis.call(...) end
local maxSet = ${maxRedisListNumbers}
local nearlyFull = 440
local missing = 'missing'

local function pack4(n) return struct.pack('>I4', n) end
local function read4(s, at) return (struct.unpack('>I4', s, at)) end

local function bordersOf(key)
  local packed = call('GET', key .. '/')
  local borders = {}
  if packed then
    for at = 1, #packed, 4 do borders[#borders + 1] = read4(packed, at) end
  end
  return borders
end

local function saveBorders(key, borders)
  if #borders == 0 then
    call('DEL', key .. '/')
    return
  end
  local packed = {}
  for at = 1, #borders do packed[at] = pack4(borders[at]) end
  call('SET', key .. '/', table.concat(packed))
end

-- The place of the first border above n; one after the last when there is none.
local function placeOf(borders, n)
  local low, high = 1, #borders + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if borders[middle] > n then high = middle else low = middle + 1 end
  end
  return low
end

local function setAt(key, borders, place)
  local border = borders[place]
  return border and (key .. '|' .. border) or key
end

local function numbersOf(set)
  local members = call('SMEMBERS', set)
  local isSorted = true
  for at = 1, #members do
    members[at] = tonumber(members[at])
    if at > 1 and members[at] < members[at - 1] then isSorted = false end
  end
  if not isSorted then table.sort(members) end
  return members
end

-- Adds numbers that ascend and are above all that the list has. Gives whether the list may have been empty.
local function append(key, numbers)
  local have = call('SCARD', key)
  local isNew = have == 0
  local from = 1
  while from <= #numbers do
    if have >= maxSet then
      call('RENAME', key, key .. '|' .. numbers[from])
      call('APPEND', key .. '/', pack4(numbers[from]))
      have = 0
    end
    local to = math.min(#numbers, from + maxSet - have - 1)
    call('SADD', key, unpack(numbers, from, to))
    have = have + to - from + 1
    from = to + 1
  end
  return isNew
end

-- The same, without a look at how full the set is each time: larger sets are only less densely packed.
local function appendLoosely(key, numbers)
  call('SADD', key, unpack(numbers))
  local last = numbers[#numbers]
  if last % 8 ~= 0 and #numbers < 8 then return end
  if call('SCARD', key) < nearlyFull then return end
  call('RENAME', key, key .. '|' .. (last + 1))
  call('APPEND', key .. '/', pack4(last + 1))
end

-- Cuts a full set in two: in halves, or before its last number, so that ascending numbers fill sets.
local function split(key, borders, place)
  local set = setAt(key, borders, place)
  local numbers = numbersOf(set)
  local isLast = place > #borders
  local cut = isLast and #numbers or math.floor(#numbers / 2) + 1
  call('DEL', set)
  table.insert(borders, place, numbers[cut])
  call('SADD', setAt(key, borders, place), unpack(numbers, 1, cut - 1))
  call('SADD', set, unpack(numbers, cut))
  saveBorders(key, borders)
end

local function insert(key, n)
  local borders = bordersOf(key)
  local place = placeOf(borders, n)
  local set = setAt(key, borders, place)
  if call('SADD', set, n) == 1 and call('SCARD', set) > maxSet then split(key, borders, place) end
end

-- Takes a number out; gives whether the list is empty now.
local function remove(key, n)
  if call('SREM', key, n) == 0 then
    local borders = bordersOf(key)
    local place = placeOf(borders, n)
    if place <= #borders then
      local set = setAt(key, borders, place)
      call('SREM', set, n)
      if call('EXISTS', set) == 0 then
        table.remove(borders, place)
        saveBorders(key, borders)
      end
    end
  end
  return call('EXISTS', key) == 0 and call('EXISTS', key .. '/') == 0
end

-- Calls visit with each number from one on, ascending, until that gives true.
local function ascend(key, from, visit)
  local borders = bordersOf(key)
  for place = placeOf(borders, from), #borders + 1 do
    for _, n in ipairs(numbersOf(setAt(key, borders, place))) do
      if n >= from and visit(n) then return end
    end
  end
end

local function has(key, n)
  if call('SISMEMBER', key, n) == 1 then return true end
  local borders = bordersOf(key)
  local place = placeOf(borders, n)
  return place <= #borders and call('SISMEMBER', setAt(key, borders, place), n) == 1
end
`;
