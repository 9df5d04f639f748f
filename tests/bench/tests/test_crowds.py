import re
import unittest

from crowds import ROOMS, cold_subjects, matching, other_subjects, wildcard_patterns
from measure import Invalid


def matches(pattern: str, subject: str) -> bool:
    """By the rules of subjects, the slow way."""
    expression = re.escape(pattern).replace(r"\*", "[^.]+").replace(">", ".+")
    return re.fullmatch(expression, subject) is not None


class CrowdsTest(unittest.TestCase):
    def test_what_a_cold_subject_is_said_to_match_is_what_matches(self) -> None:
        patterns = wildcard_patterns(30)
        for subject in cold_subjects(30, 95):
            said = {pattern for pattern in matching(subject) if pattern in patterns}
            self.assertEqual(said, {pattern for pattern in patterns if matches(pattern, subject)})

    def test_cold_subjects_and_patterns_are_all_different(self) -> None:
        self.assertEqual(len(set(cold_subjects(30, 30 * ROOMS))), 30 * ROOMS)
        self.assertEqual(len(set(wildcard_patterns(30))), 120)
        with self.assertRaises(Invalid):
            cold_subjects(30, 30 * ROOMS + 1)

    def test_other_subjects_are_all_different(self) -> None:
        self.assertEqual(len(set(other_subjects(5000))), 5000)
