def pytest_addoption(parser):
    parser.addoption("--record", action="store_true", help="write what the servers did into the scenes")
