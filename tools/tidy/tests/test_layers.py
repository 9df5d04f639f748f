import unittest

from rule_case import RuleCase
import layers

HEADERS = {f"libs/{name}/include/natsd/{name}.h": "" for name in layers.BELOW}


class LayersTest(RuleCase):
    module = layers

    def test_an_include_may_point_down(self):
        self.assert_clean(HEADERS | {
            "libs/server/src/x.c": "#include <natsd/net.h>\n#include <natsd/server.h>\n#include <stdio.h>\n",
            "apps/natsd/src/main.c": "#include <natsd/server.h>\n#include <natsd/base.h>\n"})

    def test_an_include_that_points_up_or_aside_is_found(self):
        cases = [("base", "sublist"), ("sublist", "proto"), ("proto", "conf"), ("net", "proto"), ("client", "server")]
        for own, other in cases:
            for folder in ("src", "tests", "fuzz"):
                with self.subTest(own=own, other=other, folder=folder):
                    self.assert_problems(HEADERS | {f"libs/{own}/{folder}/x.c": f"\n#include <natsd/{other}.h>\n"},
                                         f"libs/{own}/{folder}/x.c:2 layers")

    def test_the_table_itself_points_down(self):
        places = {name: place for place, name in enumerate(layers.BELOW)}
        for name, below in layers.BELOW.items():
            for other in below:
                self.assertLess(places[other], places[name], f"{name} above {other}")

    def test_a_header_that_no_library_has_is_found(self):
        self.assert_problems({"libs/base/src/x.c": "#include <natsd/gone.h>\n"}, "libs/base/src/x.c:1 layers")

    def test_a_new_library_needs_a_place(self):
        self.assert_problems({"libs/new/src/x.c": ""}, "libs/new:0 layers")

    def test_two_libraries_cannot_have_headers_of_one_name(self):
        self.assert_problems({"libs/base/include/natsd/x.h": "", "libs/net/include/natsd/x.h": ""},
                             "libs/base/include/natsd/x.h:0 layers")

    def test_third_parties_have_one_owner(self):
        self.assert_clean({"libs/net/src/worker.h": "#include <uv.h>\n", "libs/base/src/x.c": "#include <yajl/yajl_tree.h>\n"})
        self.assert_problems({"libs/server/src/x.c": "#include <uv.h>\n#include <yajl/yajl_gen.h>\n"},
                             "libs/server/src/x.c:1 layers", "libs/server/src/x.c:2 layers")

    def test_a_path_stays_inside_its_library(self):
        self.assert_clean({"libs/base/fuzz/fuzz_x.c": '#include "../tests/naive.h"\n'})
        self.assert_problems({"libs/base/fuzz/fuzz_x.c": '#include "../../net/src/x.h"\n',
                              "libs/base/src/a/x.c": '#include "../b/x.h"\n'},
                             "libs/base/fuzz/fuzz_x.c:1 layers", "libs/base/src/a/x.c:1 layers")


if __name__ == "__main__":
    unittest.main()
