/* natsd/base.h - everything of libs/base in one include, for programs that use natsd's
 * libraries. Inside the project include what you use.
 */
#pragma once

#include <natsd/arena.h>
#include <natsd/buf.h>
#include <natsd/chunk.h>
#include <natsd/clock.h>
#include <natsd/duration.h>
#include <natsd/epoch.h>
#include <natsd/error.h>
#include <natsd/hash.h>
#include <natsd/json_reader.h>
#include <natsd/json_writer.h>
#include <natsd/list.h>
#include <natsd/lock.h>
#include <natsd/log.h>
#include <natsd/map.h>
#include <natsd/memory.h>
#include <natsd/nuid.h>
#include <natsd/number.h>
#include <natsd/quote.h>
#include <natsd/random.h>
#include <natsd/slab.h>
#include <natsd/slice.h>
